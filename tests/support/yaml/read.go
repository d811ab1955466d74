package main

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"

	"gopkg.in/yaml.v2"
)

// node shows what yaml.v2 knows of a node: its line and tag by the error for a type that nothing is decoded into, and
// its value by the types that everything is. It asks no type for null, nor for "null" and "~" in quotes.
type node string

// key is a node with a number before it, by which keys are put in order.
type key string

var count int

const refused = " into chan int"

func (k *key) UnmarshalYAML(unmarshal func(interface{}) error) error {
	count++
	number := count
	text, err := dump(unmarshal)
	*k = key(fmt.Sprintf("%09d|%s", number, text))
	return err
}

func (n *node) UnmarshalYAML(unmarshal func(interface{}) error) error {
	text, err := dump(unmarshal)
	*n = node(text)
	return err
}

func dump(unmarshal func(interface{}) error) (string, error) {
	var nothing chan int
	place := "?"
	switch err := unmarshal(&nothing).(type) {
	case nil:
	case *yaml.TypeError:
		place = strings.TrimSuffix(strings.TrimPrefix(err.Errors[0], "line "), refused)
		place = strings.Replace(place, ": cannot unmarshal", "", 1)
	default:
		return "", err
	}
	// What is tagged as a collection may be a scalar.
	if at, ok := strings.CutSuffix(place, " !!map"); ok {
		var pairs map[key]node
		err := unmarshal(&pairs)
		if err == nil {
			return at + dumpPairs(pairs), nil
		}
		if _, ok := err.(*yaml.TypeError); !ok {
			return "", err
		}
	} else if at, ok := strings.CutSuffix(place, " !!seq"); ok {
		var items []node
		err := unmarshal(&items)
		if err == nil {
			var texts []string
			for _, item := range items {
				texts = append(texts, shown(string(item)))
			}
			return at + "[" + strings.Join(texts, " ") + "]", nil
		}
		if _, ok := err.(*yaml.TypeError); !ok {
			return "", err
		}
	}
	place, _, _ = strings.Cut(place, " `")
	var value interface{}
	if err := unmarshal(&value); err != nil {
		return "", err
	}
	switch value := value.(type) {
	case string:
		return place + strconv.QuoteToASCII(value), nil
	case float64:
		if math.IsNaN(value) {
			return place + "=nan", nil
		}
		return fmt.Sprintf("%s=%x", place, math.Float64bits(value)), nil
	default:
		return fmt.Sprintf("%s=%v", place, value), nil
	}
}

func shown(text string) string {
	switch text {
	case "":
		return "~"
	case "null", "~":
		return "'" + text + "'"
	}
	return text
}

func dumpPairs(pairs map[key]node) string {
	var keys []string
	for key := range pairs {
		keys = append(keys, string(key))
	}
	sort.Strings(keys)
	var out strings.Builder
	out.WriteString("{")
	for _, it := range keys {
		_, text, numbered := strings.Cut(it, "|")
		if !numbered {
			text = it
		}
		out.WriteString(shown(text) + ": " + shown(string(pairs[key(it)])) + ", ")
	}
	out.WriteString("}")
	return out.String()
}

func read(text string) (is string) {
	defer func() {
		if problem := recover(); problem != nil {
			is = fmt.Sprint("panic: ", problem)
		}
	}()
	count = 0
	var root node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil {
		return "error: " + err.Error()
	}
	return shown(string(root))
}
