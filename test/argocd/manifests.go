package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	"github.com/argoproj/argo-cd/v3/util/git"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// sources are what Argo CD would fetch: the chart from its registry, everything else from git.
type sources struct{ chart, checkout string }

// release is an Application with the objects that it renders.
type release struct {
	Application v1alpha1.Application        `json:"application"`
	Objects     []unstructured.Unstructured `json:"objects"`
}

// kubeVersion is what the destination cluster says of itself.
const kubeVersion = "1.33.0"

func manifests(ctx context.Context, path string, from sources) ([]release, error) {
	applications, err := readApplications(path, from.checkout)
	if err != nil {
		return nil, err
	}
	var releases []release
	for _, application := range applications {
		objects, err := generate(ctx, application, from)
		if err != nil {
			return nil, fmt.Errorf("application %s: %w", application.Name, err)
		}
		releases = append(releases, release{Application: application, Objects: objects})
	}
	return releases, nil
}

// generate renders all sources of an Application as the repository server does.
func generate(ctx context.Context, application v1alpha1.Application, from sources) ([]unstructured.Unstructured, error) {
	var objects []unstructured.Unstructured
	all := application.Spec.GetSources()
	references, paths := from.references(all)
	for _, source := range all {
		if source.IsRef() && source.Path == "" && source.Chart == "" {
			continue // only values
		}
		appPath, root := from.chart, from.chart
		if source.Chart == "" {
			appPath, root = from.checkout+"/"+source.Path, from.checkout
		}
		response, err := repository.GenerateManifests(ctx, appPath, root, source.TargetRevision, &apiclient.ManifestRequest{
			Repo:               &v1alpha1.Repository{Repo: source.RepoURL},
			AppName:            application.Name,
			AppLabelKey:        common.LabelKeyAppInstance,
			Namespace:          application.Spec.Destination.Namespace,
			ApplicationSource:  &source,
			KubeVersion:        kubeVersion,
			TrackingMethod:     string(v1alpha1.TrackingMethodAnnotation),
			HasMultipleSources: application.Spec.HasMultipleSources(),
			RefSources:         references,
			ProjectName:        application.Spec.Project,
		}, false, git.NoopCredsStore{}, resource.MustParse("0"), paths)
		if err != nil {
			return nil, err
		}
		decoded, err := decode(response.Manifests)
		if err != nil {
			return nil, err
		}
		objects = append(objects, decoded...)
	}
	return objects, nil
}

// references tells where "$name" in valueFiles leads to.
func (s sources) references(all v1alpha1.ApplicationSources) (map[string]*v1alpha1.RefTarget, utilio.TempPaths) {
	references := map[string]*v1alpha1.RefTarget{}
	paths := utilio.NewRandomizedTempPaths(s.checkout)
	for _, source := range all {
		if source.Ref == "" {
			continue
		}
		references["$"+source.Ref] = &v1alpha1.RefTarget{
			Repo: v1alpha1.Repository{Repo: source.RepoURL}, TargetRevision: source.TargetRevision, Chart: source.Chart,
		}
		paths.Add(git.NormalizeGitURL(source.RepoURL), s.checkout)
	}
	return references, paths
}

func decode(manifests []string) ([]unstructured.Unstructured, error) {
	objects := make([]unstructured.Unstructured, len(manifests))
	for i, manifest := range manifests {
		if err := json.Unmarshal([]byte(manifest), &objects[i]); err != nil {
			return nil, err
		}
	}
	return objects, nil
}
