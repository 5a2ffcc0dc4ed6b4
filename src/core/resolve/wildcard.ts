// Wildcard matching without backtracking beyond the last star: a client may choose the pattern.

/** `*` stands for any characters, none included; nothing else is special. At most pattern length x text length steps. */
export function matchesWildcard(pattern: string, text: string): boolean {
  return matchesSequence(pattern.length, text.length, {
    isStar: (patternIndex) => pattern[patternIndex] === '*',
    matches: (patternIndex, textIndex) => pattern[patternIndex] === text[textIndex],
  });
}

/** The same over any two sequences: `isStar` elements stand for any number of elements. */
export function matchesSequence(
  patternLength: number,
  textLength: number,
  elements: {
    readonly isStar: (patternIndex: number) => boolean;
    readonly matches: (patternIndex: number, textIndex: number) => boolean;
  },
): boolean {
  let patternIndex = 0;
  let textIndex = 0;
  let starIndex = -1;
  let resumeIndex = 0;
  while (textIndex < textLength) {
    if (patternIndex < patternLength && elements.isStar(patternIndex)) {
      starIndex = patternIndex;
      resumeIndex = textIndex;
      patternIndex += 1;
    } else if (patternIndex < patternLength && elements.matches(patternIndex, textIndex)) {
      patternIndex += 1;
      textIndex += 1;
    } else if (starIndex !== -1) {
      patternIndex = starIndex + 1;
      resumeIndex += 1;
      textIndex = resumeIndex;
    } else {
      return false;
    }
  }
  while (patternIndex < patternLength && elements.isStar(patternIndex)) patternIndex += 1;
  return patternIndex === patternLength;
}
