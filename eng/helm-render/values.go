package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// valuesOf merges what is given over the chart's own values: files in order, then settings in order. A null removes a value.
func valuesOf(from *chart, asked *request) (map[string]interface{}, error) {
	given := map[string]interface{}{}
	for _, file := range asked.files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		read := map[string]interface{}{}
		if err := yaml.Unmarshal(text, &read); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		given = over(given, read)
	}
	for _, one := range asked.sets {
		if err := set(given, one); err != nil {
			return nil, err
		}
	}
	merged := over(copyOf(from.defaults), given)
	dropNulls(merged)
	return merged, nil
}

func copyOf(values map[string]interface{}) map[string]interface{} {
	copied := map[string]interface{}{}
	for key, value := range values {
		if table, ok := value.(map[string]interface{}); ok {
			value = copyOf(table)
		}
		copied[key] = value
	}
	return copied
}

// over lays values over others, table by table; anything else is replaced whole.
func over(below, above map[string]interface{}) map[string]interface{} {
	for key, value := range above {
		table, isTable := value.(map[string]interface{})
		if under, ok := below[key].(map[string]interface{}); ok && isTable {
			below[key] = over(under, table)
		} else {
			below[key] = value
		}
	}
	return below
}

func dropNulls(values map[string]interface{}) {
	for key, value := range values {
		if value == nil {
			delete(values, key)
		} else if table, ok := value.(map[string]interface{}); ok {
			dropNulls(table)
		}
	}
}

// set applies a --set: a.b=c, a[0].b=c, a={b,c}, several with commas between; a backslash takes the meaning from the next character.
func set(values map[string]interface{}, one setting) error {
	for _, assignment := range split(one.text, ',') {
		parts := split(assignment, '=')
		if len(parts) < 2 {
			return fmt.Errorf("key %q has no value", assignment)
		}
		value := typed(strings.Join(parts[1:], "="), one.isString)
		if _, err := put(values, steps(parts[0]), value); err != nil {
			return fmt.Errorf("%s: %w", parts[0], err)
		}
	}
	return nil
}

// split cuts at a separator that is neither escaped nor inside braces.
func split(text string, separator byte) []string {
	var parts []string
	depth, from := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			depth--
		case separator:
			if depth == 0 {
				parts, from = append(parts, text[from:i]), i+1
			}
		}
	}
	return append(parts, text[from:])
}

func plain(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// steps cuts a path into keys (string) and indexes (int).
func steps(path string) []interface{} {
	var found []interface{}
	for _, part := range split(path, '.') {
		name, rest, _ := strings.Cut(part, "[")
		if name != "" {
			found = append(found, plain(name))
		}
		for rest != "" {
			number, after, _ := strings.Cut(rest, "]")
			index, _ := strconv.Atoi(number)
			found = append(found, index)
			rest = strings.TrimPrefix(after, "[")
		}
	}
	return found
}

func put(node interface{}, path []interface{}, value interface{}) (interface{}, error) {
	if len(path) == 0 {
		return value, nil
	}
	switch step := path[0].(type) {
	case int:
		list, _ := node.([]interface{})
		for len(list) <= step {
			list = append(list, nil)
		}
		next, err := put(list[step], path[1:], value)
		list[step] = next
		return list, err
	case string:
		table, ok := node.(map[string]interface{})
		if !ok {
			if node != nil {
				return nil, fmt.Errorf("expected a table above %s", step)
			}
			table = map[string]interface{}{}
		}
		next, err := put(table[step], path[1:], value)
		table[step] = next
		return table, err
	}
	return nil, fmt.Errorf("unknown step %v", path[0])
}

func typed(text string, isString bool) interface{} {
	if strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}") {
		list := []interface{}{}
		if inner := text[1 : len(text)-1]; inner != "" {
			for _, part := range split(inner, ',') {
				list = append(list, typed(part, isString))
			}
		}
		return list
	}
	text = plain(text)
	if isString {
		return text
	}
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	case "0":
		return int64(0)
	}
	if strings.HasPrefix(text, "0") {
		return text
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number
	}
	return text
}
