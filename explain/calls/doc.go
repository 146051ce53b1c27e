// Package calls holds expectations of calls against what a mesh does with them. They are kept beside the values, in files
// named *.calls.yaml, and say what a reviewer is promised, negatives as well:
//
//	calls:
//	  - {from: shop/app=checkout, to: http://risk/score, expect: {verdict: SENT_MUTUAL, upstream: [risk.vendor.example:443]}}
//	  - {from: billing, to: http://my-httpbin/, registryOnly: true, expect: {verdict: BLOCKED}}
//
// Only what is named is compared.
package calls
