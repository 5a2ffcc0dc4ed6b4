// Puts generated text between the markers of a document.

export type Replacement = { readonly kind: 'replaced'; readonly text: string } | { readonly kind: 'problem'; readonly message: string };

/**
 * Each `<!-- generated:NAME -->` … `<!-- /generated -->` gets the text of that name between blank lines. Every name must
 * stand in the document exactly once, and no other.
 */
export function replaceGenerated(document: string, sections: ReadonlyMap<string, string>): Replacement {
  const seen = new Set<string>();
  let problem: string | null = null;
  const opened = document.match(/<!-- generated:[^\n]*-->/g)?.length ?? 0;
  let closed = 0;
  const text = document.replace(/<!-- generated:(\S+) -->\n(?:(?!<!-- generated:)[^])*?<!-- \/generated -->/g, (whole, name: string) => {
    const section = sections.get(name);
    closed += 1;
    if (section === undefined) problem ??= `no generated text is called ${name}; there are ${[...sections.keys()].join(', ')}`;
    if (seen.has(name)) problem ??= `the marker ${name} occurs twice`;
    seen.add(name);
    return section === undefined ? whole : `<!-- generated:${name} -->\n\n${section}\n\n<!-- /generated -->`;
  });
  if (opened !== closed) problem ??= 'a marker <!-- generated:NAME --> has no <!-- /generated -->';
  for (const name of sections.keys()) {
    if (!seen.has(name)) problem ??= `the marker ${name} is missing`;
  }
  return problem === null ? { kind: 'replaced', text } : { kind: 'problem', message: problem };
}
