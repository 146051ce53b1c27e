// Package valuesgen makes values for tests: Random ones that use the whole contract, with a fault that Plant hides at a known
// path or a value that Change replaces; and Sample ones, as a large platform has them, for measurements. The same source of
// randomness gives the same values.
package valuesgen
