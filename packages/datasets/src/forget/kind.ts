/** What a forget set is taken from. */
export type WholeKind =
  | { readonly class: number }
  /** A condition on columns, in words. */
  | { readonly where: string }
  | { readonly poisoned: number }
  | { readonly ids: number };

/** What is to be forgotten, as it is recorded: whole, or so many drawn at random from it; `{ random }` alone draws from everything. Plain JSON. */
export type ForgetKind = WholeKind | { readonly random: number; readonly of?: WholeKind };
