package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

// render executes every template of the chart but its partials, by path below the chart's name.
func render(from *chart, values map[string]interface{}, asked *request) (map[string]string, error) {
	root := template.New("gotpl").Option("missingkey=zero")
	root.Funcs(functions(root))
	names := make([]string, 0, len(from.templates))
	for name := range from.templates {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, err := root.New(from.name + "/" + name).Parse(from.templates[name]); err != nil {
			return nil, err
		}
	}
	rendered := map[string]string{}
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		full := from.name + "/" + name
		var out strings.Builder
		if err := root.ExecuteTemplate(&out, full, scope(from, values, asked, full)); err != nil {
			return nil, err
		}
		rendered[full] = strings.ReplaceAll(out.String(), "<no value>", "")
	}
	return rendered, nil
}

func scope(from *chart, values map[string]interface{}, asked *request, name string) map[string]interface{} {
	version := strings.TrimPrefix(asked.kubeVersion, "v")
	numbers := append(strings.Split(version, "."), "0", "0")
	return map[string]interface{}{
		"Chart":  from.exported(),
		"Files":  from.files,
		"Values": values,
		"Release": map[string]interface{}{
			"Name": asked.release, "Namespace": asked.namespace, "Service": "Helm", "Revision": 1,
			"IsInstall": !asked.isUpgrade, "IsUpgrade": asked.isUpgrade,
		},
		"Capabilities": map[string]interface{}{
			"APIVersions": apiVersions(append([]string{"v1", "apps/v1", "batch/v1", "policy/v1"}, asked.apiVersions...)),
			"KubeVersion": map[string]interface{}{
				"Version": "v" + version, "GitVersion": "v" + version, "Major": numbers[0], "Minor": numbers[1],
			},
			"HelmVersion": map[string]interface{}{"Version": "v3.11.3"},
		},
		"Template":  map[string]interface{}{"Name": name, "BasePath": from.name + "/templates"},
		"Subcharts": map[string]interface{}{},
	}
}

type apiVersions []string

func (known apiVersions) Has(version string) bool {
	for _, one := range known {
		if one == version {
			return true
		}
	}
	return false
}

func functions(root *template.Template) template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	depth := map[string]int{}
	for name, function := range (template.FuncMap{
		"toYaml":        toYAML,
		"toJson":        toJSON,
		"fromYaml":      func(text string) map[string]interface{} { return table(text, fromYAML) },
		"fromJson":      func(text string) map[string]interface{} { return table(text, json.Unmarshal) },
		"fromYamlArray": func(text string) []interface{} { return list(text, fromYAML) },
		"fromJsonArray": func(text string) []interface{} { return list(text, json.Unmarshal) },
		"lookup": func(string, string, string, string) map[string]interface{} {
			return map[string]interface{}{}
		},
		"fail": func(message string) (string, error) { return "", errors.New(message) },
		"required": func(message string, value interface{}) (interface{}, error) {
			if text, isText := value.(string); value == nil || isText && text == "" {
				return value, errors.New(message)
			}
			return value, nil
		},
		"include": func(name string, data interface{}) (string, error) {
			if depth[name]++; depth[name] > 1000 {
				return "", fmt.Errorf("%s includes itself without end", name)
			}
			defer func() { depth[name]-- }()
			var out strings.Builder
			err := root.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
		"tpl": func(text string, data interface{}) (string, error) {
			copied, err := root.Clone()
			if err != nil {
				return "", err
			}
			copied.Funcs(functions(copied))
			if _, err := copied.New("tpl").Parse(text); err != nil {
				return "", err
			}
			var out strings.Builder
			err = copied.ExecuteTemplate(&out, "tpl", data)
			return strings.ReplaceAll(out.String(), "<no value>", ""), err
		},
	}) {
		all[name] = function
	}
	return all
}

func toYAML(value interface{}) string {
	text, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}

func toJSON(value interface{}) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

func table(text string, read func([]byte, interface{}) error) map[string]interface{} {
	found := map[string]interface{}{}
	if err := read([]byte(text), &found); err != nil {
		found["Error"] = err.Error()
	}
	return found
}

func list(text string, read func([]byte, interface{}) error) []interface{} {
	found := []interface{}{}
	if err := read([]byte(text), &found); err != nil {
		found = []interface{}{err.Error()}
	}
	return found
}

func fromYAML(text []byte, into interface{}) error { return yaml.Unmarshal(text, into) }
