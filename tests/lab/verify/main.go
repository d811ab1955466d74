// What Loki's own module knows of its configuration, in the version that it is built with.
//
//	verify model    every YAML key of Loki's configuration with kind, type, default and marks, as JSON
//	verify judge    verdicts on configurations; see judge.go
//
// Built by ../../../scripts/verify.sh once for each version, in a module made from that release's own go.mod.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v2"

	_ "google.golang.org/grpc/encoding/proto" // before Loki's packages, as in cmd/loki

	"github.com/grafana/loki/v3/pkg/loki"
)

func main() {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "model":
		model()
	case len(os.Args) > 1 && os.Args[1] == "judge":
		judge(os.Stdin, os.Stdout)
	default:
		fmt.Fprintln(os.Stderr, "usage: verify model | judge")
		os.Exit(2)
	}
}

// node is one place in the configuration.
type node struct {
	Key      string `json:"key,omitempty"`
	Kind     string `json:"kind"` // struct, map, list, pointer, any, scalar
	Type     string `json:"type"`
	Strict   string `json:"strict,omitempty"`   // what the strict decoder calls the struct
	KeyType  string `json:"key_type,omitempty"` // of a map
	Default  any    `json:"default,omitempty"`
	Flags    string `json:"flags,omitempty"` // d: deprecated, h: hidden, e: experimental, u: reads its YAML itself
	Children []node `json:"children,omitempty"`
}

func model() {
	var config loki.ConfigWrapper
	config.RegisterFlags(flag.NewFlagSet("", flag.ContinueOnError))
	root := walk(reflect.ValueOf(&config).Elem(), 0)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(root); err != nil {
		panic(err)
	}
}

var (
	unmarshaler     = reflect.TypeOf((*yaml.Unmarshaler)(nil)).Elem()
	textUnmarshaler = reflect.TypeOf((*interface{ UnmarshalText([]byte) error })(nil)).Elem()
	notFound        = regexp.MustCompile(`(?m)field bogus_zz not found in type (.+)$`)
)

// readThrough has the types that reflection cannot see: those of the structs that a type's UnmarshalYAML declares in
// itself (pkg/storage/config/schema_config.go).
var readThrough = map[string]string{
	"config.IndexPeriodicTableConfig.period": "model.Duration",
	"config.PeriodicTableConfig.period":      "model.Duration",
}

const tooDeep = 14 // no type of Loki's is recursive; a stack overflow would not say which has become so

func walk(value reflect.Value, depth int) node {
	t := value.Type()
	if depth > tooDeep {
		panic("recursive: " + t.String())
	}
	it := node{Type: t.String()}
	own := reflect.PointerTo(t).Implements(unmarshaler)
	if own || reflect.PointerTo(t).Implements(textUnmarshaler) {
		it.Flags = "u"
	}
	switch t.Kind() {
	case reflect.Struct:
		strict, isStruct := strictName(t)
		if !isStruct {
			it.Kind, it.Default = "scalar", text(value)
			return it
		}
		it.Kind, it.Strict = "struct", strict
		fields(value, &it, depth)
	case reflect.Map:
		it.Kind, it.KeyType = "map", t.Key().String()
		it.Children = []node{element(t.Elem(), depth)}
		if value.Len() > 0 {
			it.Default = plain(value)
		}
	case reflect.Slice, reflect.Array:
		it.Kind = "list"
		it.Children = []node{element(t.Elem(), depth)}
		if value.Len() > 0 {
			it.Default = plain(value)
		}
	case reflect.Pointer:
		if !value.IsNil() {
			inner := walk(value.Elem(), depth+1)
			return inner
		}
		it.Kind = "pointer"
		it.Children = []node{element(t.Elem(), depth)}
	case reflect.Interface:
		it.Kind = "any"
	default:
		it.Kind = "scalar"
		if !value.IsZero() {
			it.Default = scalar(value)
		}
	}
	return it
}

// element is the node of what a list, map or pointer holds, with the defaults that `{}` decodes to.
func element(t reflect.Type, depth int) node {
	value := reflect.New(t)
	func() {
		defer func() { _ = recover() }()
		_ = yaml.Unmarshal([]byte("{}"), value.Interface())
	}()
	it := walk(value.Elem(), depth+1)
	it.Key = "[]"
	return it
}

func fields(value reflect.Value, it *node, depth int) {
	t := value.Type()
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		if field.PkgPath != "" && !field.Anonymous {
			continue
		}
		tag := field.Tag.Get("yaml")
		if tag == "" && !strings.Contains(string(field.Tag), ":") {
			tag = string(field.Tag)
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "-" {
			continue
		}
		if strings.Contains(","+options+",", ",inline,") {
			inner := value.Field(i)
			if inner.Kind() == reflect.Struct {
				fields(inner, it, depth)
			} else {
				fmt.Fprintln(os.Stderr, "inline map passed over:", t, field.Name)
			}
			continue
		}
		if field.PkgPath != "" {
			continue
		}
		if name == "" {
			name = strings.ToLower(field.Name)
		}
		child := walk(value.Field(i), depth+1)
		child.Key = name
		if strings.HasSuffix(name, "interface_names") {
			child.Default = []string{"eth0", "en0"} // where there are no others; Loki lists those of the machine
		}
		if through, ok := readThrough[t.String()+"."+name]; ok {
			child.Type = through
		}
		// doc:"hidden|deprecated|description=..."
		marks := append(strings.Split(field.Tag.Get("doc"), "|"), field.Tag.Get("category"))
		for mark, letter := range map[string]string{"deprecated": "d", "hidden": "h", "experimental": "e"} {
			if slices.Contains(marks, mark) {
				child.Flags += letter
			}
		}
		child.Flags = sorted(child.Flags)
		it.Children = append(it.Children, child)
	}
}

func sorted(letters string) string {
	out := ""
	for _, letter := range "dehu" {
		if strings.ContainsRune(letters, letter) {
			out += string(letter)
		}
	}
	return out
}

// strictName asks the decoder itself: types that read their own YAML do so through types of other names.
func strictName(t reflect.Type) (name string, isStruct bool) {
	defer func() {
		if recover() != nil {
			name, isStruct = t.String(), true
		}
	}()
	err := yaml.UnmarshalStrict([]byte("bogus_zz: 1"), reflect.New(t).Interface())
	if err != nil {
		if found := notFound.FindStringSubmatch(err.Error()); found != nil {
			return found[1], true
		}
	}
	return "", false
}

func scalar(value reflect.Value) any {
	switch value.Kind() {
	case reflect.Bool:
		return value.Bool()
	case reflect.String:
		if host, err := os.Hostname(); err == nil && value.String() == host {
			return "<hostname>"
		}
		return value.String()
	case reflect.Float32, reflect.Float64:
		return value.Float()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return value.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return value.Uint()
	}
	return nil
}

// text is a default of a type that only its own marshaller can write.
func text(value reflect.Value) (out any) {
	defer func() { _ = recover() }()
	if value.IsZero() {
		return nil
	}
	if value.CanAddr() {
		if it, ok := value.Addr().Interface().(fmt.Stringer); ok && value.Type().String() != "flagext.Secret" {
			return nonEmpty(it.String())
		}
	}
	written, err := yaml.Marshal(value.Interface())
	if err != nil {
		return nil
	}
	return nonEmpty(strings.Trim(strings.TrimSpace(string(written)), `"'`))
}

func nonEmpty(text string) any {
	if text == "" || text == "{}" || text == "null" {
		return nil
	}
	return text
}

// plain is a default list or map, structs by their keys.
func plain(value reflect.Value) any {
	switch value.Kind() {
	case reflect.Slice, reflect.Array:
		items := []any{}
		for i := 0; i < value.Len(); i++ {
			items = append(items, plain(value.Index(i)))
		}
		return items
	case reflect.Map:
		members := map[string]any{}
		for _, key := range value.MapKeys() {
			members[fmt.Sprint(key.Interface())] = plain(value.MapIndex(key))
		}
		return members
	case reflect.Pointer, reflect.Interface:
		if value.IsNil() {
			return nil
		}
		return plain(value.Elem())
	case reflect.Struct:
		copied := reflect.New(value.Type()).Elem()
		copied.Set(value)
		if _, isStruct := strictName(value.Type()); !isStruct {
			return text(copied)
		}
		it := node{}
		fields(copied, &it, 1)
		members := map[string]any{}
		for _, child := range it.Children {
			if child.Default != nil {
				members[child.Key] = child.Default
			}
		}
		return members
	}
	return scalar(value)
}
