// Package valuesgen makes random values for tests: valid ones that use the whole contract, and ones with a fault planted
// at a known path. The same source of randomness gives the same values.
package valuesgen
