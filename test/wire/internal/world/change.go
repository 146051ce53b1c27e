package world

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/istiod"
)

// Change changes the world, and returns how to change it back. Both return when the change is in force.
func (w *World) Change(ctx context.Context, changes []cases.Change) (undo func(context.Context) error, err error) {
	var undos []func() error
	undo = func(ctx context.Context) error {
		var failures []error
		for _, function := range slices.Backward(undos) {
			failures = append(failures, function())
		}
		return errors.Join(append(failures, w.inForce(ctx, changes))...)
	}
	for _, change := range changes {
		back, err := w.change(ctx, change)
		if back != nil {
			undos = append(undos, back)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("line %d: %w", change.Line, err), undo(ctx))
		}
	}
	return undo, w.inForce(ctx, changes)
}

// inForce waits until changes have reached the proxies.
func (w *World) inForce(ctx context.Context, changes []cases.Change) error {
	if len(changes) == 0 {
		return nil
	}
	if err := w.Servers.Redirect(); err != nil {
		return err
	}
	return w.settle(ctx)
}

func (w *World) change(ctx context.Context, c cases.Change) (undo func() error, err error) {
	switch {
	case c.Delete != "":
		return w.remove(c.Delete)
	case c.Apply != "":
		objects, err := istiod.Parse(c.Apply, "default")
		if err != nil {
			return nil, err
		}
		return w.applyAll(objects)
	case c.Secret != nil:
		object, err := w.secret(*c.Secret)
		if err != nil {
			return nil, err
		}
		return w.applyAll([]istiod.Object{object})
	case c.Upgrade != nil:
		return w.upgrade(ctx, *c.Upgrade)
	case c.Certificate != nil:
		return w.changeCertificates(c.Certificate)
	case c.Down != nil:
		for _, name := range c.Down {
			w.Servers.Server(name).SetDown(true)
		}
		return func() error {
			for _, name := range c.Down {
				w.Servers.Server(name).SetDown(false)
			}
			return nil
		}, nil
	case c.Resolve != nil:
		return w.resolve(c.Resolve)
	case c.Files != nil:
		return w.changeFiles(c.Files)
	default:
		return nil, w.rotate(c.Rotate)
	}
}

// remove deletes an object, named as Kind namespace/name.
func (w *World) remove(name string) (func() error, error) {
	object, err := w.cluster.Remove(name)
	if err != nil {
		return nil, err
	}
	return func() error { return w.apply(object) }, w.istiod.Delete(object)
}

// apply creates an object, or replaces it.
func (w *World) apply(object istiod.Object) error {
	stored, err := w.cluster.Store(object)
	if err != nil {
		return err
	}
	for _, each := range stored {
		if err := w.istiod.Apply(each); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) applyAll(objects []istiod.Object) (func() error, error) {
	var undos []func() error
	undo := func() error {
		var failures []error
		for _, function := range slices.Backward(undos) {
			failures = append(failures, function())
		}
		return errors.Join(failures...)
	}
	for _, object := range objects {
		if before, existed := w.cluster.Get(object.String()); existed {
			undos = append(undos, func() error { return w.apply(before) })
		} else {
			undos = append(undos, func() error {
				_, err := w.remove(object.String())
				return err
			})
		}
		if err := w.apply(object); err != nil {
			return undo, err
		}
	}
	return undo, nil
}

// upgrade does what helm upgrade does: it applies what the new values render, and deletes what they do
// not render any more.
func (w *World) upgrade(ctx context.Context, r cases.Release) (func() error, error) {
	index := slices.IndexFunc(w.releases, func(other *release) bool { return other.Name == r.Name && other.Namespace == r.Namespace })
	if index < 0 {
		return nil, fmt.Errorf("there is no release %q in namespace %q", r.Name, r.Namespace)
	}
	objects, err := w.render(ctx, r)
	if err != nil {
		return nil, err
	}
	installed := w.releases[index]
	before := installed.objects
	step := func() error { return nil }
	if r.Steps {
		step = func() error { return w.inForce(ctx, []cases.Change{{Upgrade: &r}}) }
	}
	if err := w.replace(before, objects, step); err != nil {
		return nil, err
	}
	installed.objects = objects
	return func() error {
		installed.objects = before
		return w.replace(objects, before, func() error { return nil })
	}, nil
}

// replace calls step after each object.
func (w *World) replace(before, after []istiod.Object, step func() error) error {
	rendered := map[string]bool{}
	for _, object := range after {
		rendered[object.String()] = true
		if err := errors.Join(w.apply(object), step()); err != nil {
			return err
		}
	}
	for _, object := range before {
		if rendered[object.String()] {
			continue
		}
		if _, err := w.remove(object.String()); err != nil {
			return err
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) changeCertificates(words map[string]string) (func() error, error) {
	set := func(word func(name string) string) error {
		for name := range words {
			if err := w.setCertificate(w.Servers.Server(name), w.file.Surroundings.Servers[name], word(name)); err != nil {
				return err
			}
			// Those that are open have the certificate before.
			w.Servers.Server(name).Disconnect()
		}
		return nil
	}
	undo := func() error {
		return set(func(name string) string { return w.file.Surroundings.Servers[name].Certificate })
	}
	return undo, set(func(name string) string { return words[name] })
}

// shortTTL is that of names which change, in seconds.
const shortTTL = 1

func (w *World) resolve(names map[string][]string) (func() error, error) {
	before := w.cluster.OutsideNames()
	for name, addresses := range names {
		w.setRecords(name, addresses, shortTTL)
	}
	return func() error {
		for name := range names {
			records, existed := before[name]
			if existed {
				w.cluster.SetRecords(name, &records)
			} else {
				w.cluster.SetRecords(name, nil)
			}
		}
		w.awaitLookups(names)
		return nil
	}, nil
}

// lookupTime is how long a proxy may take to look up a name again.
const lookupTime = 3 * time.Second

// awaitLookups waits until somebody has looked the names up again, so that the next case finds the old
// answers; not for ever, as nobody may need them.
func (w *World) awaitLookups(names map[string][]string) {
	before := map[string]int{}
	for name := range names {
		before[name] = w.dns.Asked(name)
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	tooLate := time.After(lookupTime)
	for len(before) > 0 {
		for name, asked := range before {
			if w.dns.Asked(name) > asked {
				delete(before, name)
			}
		}
		select {
		case <-ticker.C:
		case <-tooLate:
			return
		}
	}
}

func (w *World) changeFiles(changes map[string]map[string]string) (func() error, error) {
	write := func(words func(pod, path string) string) error {
		for name, files := range changes {
			for path := range files {
				if err := w.writeFile(name, path, words(name, path)); err != nil {
					return err
				}
			}
		}
		return nil
	}
	undo := func() error {
		return write(func(pod, path string) string { return w.Pods[pod].described.Files[path] })
	}
	return undo, write(func(pod, path string) string { return changes[pod][path] })
}

// rotate issues a certificate anew, and puts it where the old one is. There is no way back, and no need
// for one.
func (w *World) rotate(name string) error {
	if described := w.file.Surroundings.Servers[name]; described != nil {
		return w.setCertificate(w.Servers.Server(name), described, described.Certificate)
	}
	if err := w.identities.issue(name); err != nil {
		return err
	}
	for _, secret := range w.file.Surroundings.Secrets {
		if secret.Certificate != name {
			continue
		}
		object, err := w.secret(secret)
		if err != nil {
			return err
		}
		if err := w.apply(object); err != nil {
			return err
		}
	}
	for pod, started := range w.Pods {
		for path, words := range started.described.Files {
			if words != "certificate "+name && words != "key "+name {
				continue
			}
			if err := w.writeFile(pod, path, words); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeFile writes a file of a pod's proxy.
func (w *World) writeFile(pod, path, words string) error {
	content, err := w.content(words)
	if err != nil {
		return err
	}
	return w.Pods[pod].WriteFile(path, content)
}
