// Package cosign is nothing but its module, which pins the cosign that signs releases.
package cosign
