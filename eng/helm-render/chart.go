package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// chart is a folder with Chart.yaml, as Helm reads it: templates apart from all other files.
type chart struct {
	name      string
	metadata  map[string]interface{}
	defaults  map[string]interface{}
	templates map[string]string
	files     files
}

func load(folder string) (*chart, error) {
	read := &chart{templates: map[string]string{}, files: files{}}
	err := filepath.Walk(folder, func(file string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, file)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		switch {
		case name == "Chart.yaml":
			return yaml.Unmarshal(text, &read.metadata)
		case name == "values.yaml":
			return yaml.Unmarshal(text, &read.defaults)
		case name == "values.schema.json", strings.HasPrefix(name, "crds/"), name == ".helmignore":
			return nil
		case strings.HasPrefix(name, "charts/"):
			return fmt.Errorf("%s: charts inside a chart are not supported", name)
		case strings.HasPrefix(name, "templates/"):
			read.templates[name] = string(text)
		default:
			read.files[name] = text
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	name, ok := read.metadata["name"].(string)
	if !ok {
		return nil, fmt.Errorf("expected Chart.yaml with a name in %s", folder)
	}
	read.name = name
	return read, nil
}

// exported gives the metadata the names that templates know them by: .Chart.AppVersion for appVersion.
func (c *chart) exported() map[string]interface{} {
	named := map[string]interface{}{"IsRoot": true}
	for key, value := range c.metadata {
		named[strings.ToUpper(key[:1])+key[1:]] = value
	}
	named["APIVersion"] = named["ApiVersion"]
	return named
}

// files is what templates see as .Files.
type files map[string][]byte

func (f files) Get(name string) string { return string(f[name]) }

func (f files) GetBytes(name string) []byte { return f[name] }

func (f files) Glob(pattern string) files {
	found := files{}
	for name, text := range f {
		if fits, err := path.Match(pattern, name); err == nil && fits {
			found[name] = text
		}
	}
	return found
}

func (f files) Lines(name string) []string {
	return strings.Split(strings.TrimSuffix(string(f[name]), "\n"), "\n")
}

func (f files) AsConfig() string {
	data := map[string]string{}
	for name, text := range f {
		data[path.Base(name)] = string(text)
	}
	return toYAML(data)
}

func (f files) AsSecrets() string {
	data := map[string]string{}
	for name, text := range f {
		data[path.Base(name)] = base64.StdEncoding.EncodeToString(text)
	}
	return toYAML(data)
}
