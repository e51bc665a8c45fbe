/** A node or layer whose kind is known, but not in this form. Caught where nodes are translated. */
export class UnsupportedForm extends Error {
  constructor(
    readonly reason: string,
    readonly hint?: string,
  ) {
    super(reason);
  }
}
