package main

import (
	"fmt"
	"io"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// refused returns what an AppProject does not permit of the Applications and their objects.
func refused(path string, in io.Reader) ([]string, error) {
	var project v1alpha1.AppProject
	if err := readStrict(path, &project); err != nil {
		return nil, err
	}
	if err := project.ValidateProject(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var releases []release
	if err := readJSON(in, &releases); err != nil {
		return nil, err
	}
	refusals := []string{}
	for _, release := range releases {
		found, err := refusedOf(project, release)
		if err != nil {
			return nil, err
		}
		refusals = append(refusals, found...)
	}
	return refusals, nil
}

func refusedOf(project v1alpha1.AppProject, release release) ([]string, error) {
	application := release.Application
	var refusals []string
	refuse := func(format string, args ...any) {
		refusals = append(refusals, application.Name+": "+fmt.Sprintf(format, args...))
	}
	if application.Spec.Project != project.Name {
		refuse("it belongs to the project %q", application.Spec.Project)
	}
	for _, source := range application.Spec.GetSources() {
		if !project.IsSourcePermitted(source) {
			refuse("source %s", source.RepoURL)
		}
	}
	destination := application.Spec.Destination
	cluster := &v1alpha1.Cluster{Server: destination.Server, Name: destination.Name}
	permitted, err := project.IsDestinationPermitted(cluster, destination.Namespace, nil)
	if err != nil {
		return nil, err
	}
	if !permitted {
		refuse("destination %s%s, namespace %s", destination.Server, destination.Name, destination.Namespace)
	}
	for _, object := range release.Objects {
		permitted, err := project.IsLiveResourcePermitted(&object, cluster, nil)
		if err != nil {
			return nil, err
		}
		if !permitted {
			refuse("%s %s/%s", object.GetKind(), object.GetNamespace(), object.GetName())
		}
	}
	return refusals, nil
}
