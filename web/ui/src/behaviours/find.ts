// What lies in a part of the page, the part itself included: htmx swaps in single elements too.
export function all<T extends Element>(root: ParentNode, selector: string): T[] {
  const inside = [...root.querySelectorAll<T>(selector)]
  return root instanceof Element && root.matches(selector) ? [root as unknown as T, ...inside] : inside
}
