package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo/diff"
	"github.com/argoproj/argo-cd/v3/util/argo/normalizers"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// difference is an object that shows as OutOfSync, live and as it is wanted.
type difference struct {
	Object string          `json:"object"`
	Live   json.RawMessage `json:"live"`
	Wanted json.RawMessage `json:"wanted"`
}

// changed compares as the application controller does by default, pair by pair.
func changed(in io.Reader) ([]difference, error) {
	var states struct {
		Live   []*unstructured.Unstructured `json:"live"`
		Target []*unstructured.Unstructured `json:"target"`
	}
	if err := readJSON(in, &states); err != nil {
		return nil, err
	}
	if len(states.Live) != len(states.Target) {
		return nil, fmt.Errorf("%d live objects for %d that are wanted", len(states.Live), len(states.Target))
	}
	config, err := diff.NewDiffConfigBuilder().
		WithDiffSettings(nil, nil, true, normalizers.IgnoreNormalizerOpts{}).
		WithTracking(common.LabelKeyAppInstance, string(v1alpha1.TrackingMethodAnnotation)).
		WithNoCache().
		Build()
	if err != nil {
		return nil, err
	}
	differences := []difference{}
	for i, target := range states.Target {
		result, err := diff.StateDiff(states.Live[i], target, config)
		if err != nil {
			return nil, err
		}
		if result.Modified {
			differences = append(differences, difference{
				Object: fmt.Sprintf("%s %s/%s", target.GetKind(), target.GetNamespace(), target.GetName()),
				Live:   result.NormalizedLive, Wanted: result.PredictedLive,
			})
		}
	}
	return differences, nil
}
