package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/argoproj/argo-cd/v3/applicationset/controllers/template"
	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/sirupsen/logrus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

// expand makes the Applications of an ApplicationSet with git generators.
func expand(set v1alpha1.ApplicationSet, checkout string) ([]v1alpha1.Application, error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	// The generator asks the cluster whether the project wants signed commits.
	project := &v1alpha1.AppProject{ObjectMeta: metav1.ObjectMeta{Name: set.Spec.Template.Spec.Project, Namespace: set.Namespace}}
	cluster := fake.NewClientBuilder().WithScheme(scheme).WithObjects(project).Build()

	git := generators.NewGitGenerator(checkedOut{checkout}, set.Namespace)
	applications, _, err := template.GenerateApplications(logrus.NewEntry(logrus.StandardLogger()), set,
		map[string]generators.Generator{"Git": git}, &utils.Render{}, cluster)
	return applications, err
}

// checkedOut is a checkout in the place of the repository server.
type checkedOut struct{ checkout string }

// GetFiles returns the files of the checkout that match a pattern, listed as the repository server does it.
func (r checkedOut) GetFiles(ctx context.Context, _, _, _, pattern string, _, _ bool) (map[string][]byte, error) {
	list := exec.CommandContext(ctx, "git", "ls-files", "--full-name", "-z", "--", pattern)
	list.Dir = r.checkout
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files in %s: %w", r.checkout, err)
	}
	files := map[string][]byte{}
	for name := range bytes.SplitSeq(bytes.TrimRight(out, "\x00"), []byte{0}) {
		if len(name) == 0 {
			continue
		}
		content, err := os.ReadFile(filepath.Join(r.checkout, string(name)))
		if err != nil {
			return nil, err
		}
		files[string(name)] = content
	}
	return files, nil
}

// GetDirectories is for generators that this project's examples do not use.
func (checkedOut) GetDirectories(context.Context, string, string, string, bool, bool) ([]string, error) {
	return nil, fmt.Errorf("the git generator lists files here, not directories")
}
