package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// ExternalNameServices decodes from both forms that values have: a list, or a map from name to entry, whose order is that of
// the names. An entry that a map has as null is removed, as Helm does it.
type ExternalNameServices []ExternalNameService

// UnmarshalJSON decodes a list or a map.
func (s *ExternalNameServices) UnmarshalJSON(data []byte) (err error) {
	*s, err = decodeEntries(data, func(e *ExternalNameService) *string { return &e.Name })
	return err
}

// EndpointServices decodes from both forms that values have, as [ExternalNameServices] does.
type EndpointServices []EndpointService

// UnmarshalJSON decodes a list or a map.
func (s *EndpointServices) UnmarshalJSON(data []byte) (err error) {
	*s, err = decodeEntries(data, func(e *EndpointService) *string { return &e.Name })
	return err
}

// ExternalHosts decodes from both forms that values have, as [ExternalNameServices] does.
type ExternalHosts []ExternalHostList

// UnmarshalJSON decodes a list or a map.
func (s *ExternalHosts) UnmarshalJSON(data []byte) (err error) {
	*s, err = decodeEntries(data, func(e *ExternalHostList) *string { return &e.Name })
	return err
}

// decodeEntries decodes a list of entries, or a map whose keys are their names. A name beside the key has to be the same, as
// the chart has it.
func decodeEntries[T any](data []byte, nameOf func(*T) *string) ([]T, error) {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		var list []T
		return list, json.Unmarshal(data, &list)
	}
	var byName map[string]*T
	if err := json.Unmarshal(data, &byName); err != nil {
		return nil, err
	}
	list := make([]T, 0, len(byName))
	for _, key := range slices.Sorted(maps.Keys(byName)) {
		entry := byName[key]
		if entry == nil {
			continue
		}
		name := nameOf(entry)
		if *name != "" && *name != key {
			return nil, fmt.Errorf("the entry %q has the name %q: its key is its name", key, *name)
		}
		*name = key
		list = append(list, *entry)
	}
	return list, nil
}
