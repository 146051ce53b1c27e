// Package report is the inventory of what values, or objects, declare for the way out of a mesh, and of what changes in it:
// which server is called under which names, by whom, how it is encrypted and verified, and which line says so.
//
// It reads package egress and nothing else: [Rows] of a model are pure data, [Write] and [WriteChanges] print them.
// [Load] and [Manifests] read files, so that rows know their lines.
package report
