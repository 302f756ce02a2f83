declare const addressBrand: unique symbol;

/**
 * An address in this process, as a number: user-space addresses are below 2^53 on every platform exprjit
 * runs on. Only the native layer dereferences one, and only inside mappings that its environment made.
 */
export type Address = number & { readonly [addressBrand]: true };

/** The address `offset` bytes from `base`. */
export function addressAt(base: Address, offset: number): Address {
  return (base + offset) as Address;
}
