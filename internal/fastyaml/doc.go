// Package fastyaml reads a subset of YAML quickly: block maps and lists, scalars on one line, JSON-like flow collections on
// one line, comments. That is what charts render and what most people write.
//
// It does not judge: a text beyond the subset, broken or merely rare, is answered with ok == false, and the caller asks a
// full YAML decoder. For a text of the subset the result is the one of sigs.k8s.io/yaml, which a fuzz test holds it to.
package fastyaml
