// Profile expressions: names, `!`, `&`, `|`, parentheses; as lenient as the original parser.
import { Failure } from '../../model/failure.ts';

export type ProfileExpression = (profiles: ReadonlySet<string>) => boolean;

type Nesting = 'none' | 'parenthesis' | 'negation';

/** Fails with CONTENT_INVALID for an empty group and for `&` mixed with `|` on one level. (compatibility document 3.5) */
export function profileExpression(text: string): ProfileExpression {
  const tokens = text
    .split(/([()&|!])/)
    .map((token) => token.trim())
    .filter((token) => token !== '');
  return parse(text, tokens, 'none');
}

/** Takes its tokens from the front of the list. */
function parse(text: string, tokens: string[], nesting: Nesting): ProfileExpression {
  let elements: ProfileExpression[] = [];
  let operator: '&' | '|' | null = null;
  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    if (token === '(') {
      const group = parse(text, tokens, 'parenthesis');
      if (nesting === 'negation') return group;
      elements.push(group);
    } else if (token === '&' || token === '|') {
      if (operator !== null && operator !== token) throw malformed(text);
      operator = token;
    } else if (token === '!') {
      const negated = parse(text, tokens, 'negation');
      elements.push((profiles) => !negated(profiles));
    } else if (token === ')') {
      const group = merge(text, elements, operator);
      if (nesting === 'parenthesis') return group;
      elements = [group];
      operator = null;
    } else {
      const name = token;
      const element: ProfileExpression = (profiles) => profiles.has(name);
      if (nesting === 'negation') return element;
      elements.push(element);
    }
  }
  return merge(text, elements, operator);
}

function merge(text: string, elements: readonly ProfileExpression[], operator: '&' | '|' | null): ProfileExpression {
  const [first] = elements;
  if (first === undefined) throw malformed(text);
  if (elements.length === 1) return first;
  return operator === '&' ? (profiles) => elements.every((element) => element(profiles)) : (profiles) => elements.some((element) => element(profiles));
}

function malformed(text: string): Failure {
  return new Failure('CONTENT_INVALID', `malformed profile expression ${JSON.stringify(text)}`);
}
