// helm-render renders a chart as `helm template` does, for machines without Helm: the same template language, the same
// functions, the same flags as far as the tests of charts/ use them. It stands on Go's text/template and on Debian's
// packages of sprig and sigs.k8s.io/yaml, which are those that Helm is made of.
//
//	helm-render template NAME CHART [--namespace NS] [-f FILE]... [--set A=B]... [--set-string A=B]...
//	                     [--api-versions GROUP/VERSION[/KIND]]... [--kube-version V] [--is-upgrade] [--show-only FILE]
//	helm-render notes  ...   the text of NOTES.txt
//	helm-render values ...   the values that templates see, as JSON
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type request struct {
	release, chart, namespace, kubeVersion, showOnly string
	files, apiVersions                               []string
	sets                                             []setting
	isUpgrade                                        bool
}

type setting struct {
	text     string
	isString bool
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("expected template, notes or values, then a release's name and a chart")
	}
	asked, err := parse(args[1:])
	if err != nil {
		return err
	}
	chart, err := load(asked.chart)
	if err != nil {
		return err
	}
	values, err := valuesOf(chart, asked)
	if err != nil {
		return err
	}
	switch args[0] {
	case "values":
		text, err := json.Marshal(values)
		fmt.Println(string(text))
		return err
	case "template", "notes":
		rendered, err := render(chart, values, asked)
		if err != nil {
			return err
		}
		if args[0] == "notes" {
			fmt.Print(rendered[chart.name+"/templates/NOTES.txt"])
			return nil
		}
		return write(os.Stdout, rendered, asked)
	}
	return fmt.Errorf("unknown command %q", args[0])
}

func parse(args []string) (*request, error) {
	asked := &request{namespace: "default", kubeVersion: "v1.30.0"}
	var names []string
	for i := 0; i < len(args); i++ {
		name, value, hasValue := strings.Cut(args[i], "=")
		if !strings.HasPrefix(name, "-") {
			names = append(names, args[i])
			continue
		}
		if name == "--is-upgrade" {
			asked.isUpgrade = true
			continue
		}
		if !hasValue {
			if i++; i == len(args) {
				return nil, fmt.Errorf("%s needs a value", name)
			}
			value = args[i]
		}
		switch name {
		case "--namespace", "-n":
			asked.namespace = value
		case "--values", "-f":
			asked.files = append(asked.files, value)
		case "--set":
			asked.sets = append(asked.sets, setting{text: value})
		case "--set-string":
			asked.sets = append(asked.sets, setting{text: value, isString: true})
		case "--api-versions", "-a":
			asked.apiVersions = append(asked.apiVersions, strings.Split(value, ",")...)
		case "--kube-version":
			asked.kubeVersion = value
		case "--show-only", "-s":
			asked.showOnly = value
		default:
			return nil, fmt.Errorf("unknown flag %s", name)
		}
	}
	if len(names) != 2 {
		return nil, fmt.Errorf("expected a release's name and a chart, found %d arguments", len(names))
	}
	asked.release, asked.chart = names[0], names[1]
	return asked, nil
}
