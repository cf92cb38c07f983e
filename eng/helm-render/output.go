package main

import (
	"fmt"
	"io"
	"regexp"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

// The order in which Helm installs kinds; those that are not here come last, by name.
var order = strings.Fields(`PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget
	ServiceAccount Secret SecretList ConfigMap StorageClass PersistentVolume PersistentVolumeClaim CustomResourceDefinition
	ClusterRole ClusterRoleList ClusterRoleBinding ClusterRoleBindingList Role RoleList RoleBinding RoleBindingList Service
	DaemonSet Pod ReplicationController ReplicaSet Deployment HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass
	Ingress APIService`)

var separator = regexp.MustCompile(`(?:^|\s*\n)---\s*`)

type document struct {
	source, text, kind, name string
	rank                     int
	isHook                   bool
}

// write prints what was rendered as `helm template` does: in the order of kinds, hooks last.
func write(out io.Writer, rendered map[string]string, asked *request) error {
	documents := []document{}
	for source, text := range rendered {
		if strings.HasSuffix(source, "NOTES.txt") || asked.showOnly != "" && !strings.HasSuffix(source, "/"+asked.showOnly) {
			continue
		}
		for _, part := range separator.Split(text, -1) {
			if strings.TrimSpace(part) == "" {
				continue
			}
			read, err := describe(source, part)
			if err != nil {
				return fmt.Errorf("YAML parse error on %s: %w", source, err)
			}
			if read != nil {
				documents = append(documents, *read)
			}
		}
	}
	sort.SliceStable(documents, func(i, j int) bool {
		a, b := documents[i], documents[j]
		switch {
		case a.isHook != b.isHook:
			return b.isHook
		case a.rank != b.rank:
			return a.rank < b.rank
		case a.kind != b.kind:
			return a.kind < b.kind
		default:
			return a.name < b.name
		}
	})
	for _, one := range documents {
		fmt.Fprintf(out, "---\n# Source: %s\n%s\n", one.source, strings.TrimSpace(one.text))
	}
	return nil
}

// describe is nil for a document that holds nothing but comments.
func describe(source, text string) (*document, error) {
	var head struct {
		Kind     string
		Metadata struct {
			Name        string
			Annotations map[string]string
		}
	}
	content := map[string]interface{}{}
	if err := yaml.UnmarshalStrict([]byte(text), &content); err != nil {
		return nil, err
	}
	if len(content) == 0 {
		return nil, nil
	}
	if err := yaml.Unmarshal([]byte(text), &head); err != nil {
		return nil, err
	}
	_, isHook := head.Metadata.Annotations["helm.sh/hook"]
	found := &document{source: source, text: text, kind: head.Kind, name: head.Metadata.Name, rank: len(order), isHook: isHook}
	for index, kind := range order {
		if kind == head.Kind {
			found.rank = index
		}
	}
	return found, nil
}
