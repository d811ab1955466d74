// Grammar decodes texts with yaml.v2 into the Go types of Loki's configuration and prints what becomes of them: the
// truth that src/loki/config_file/grammar is held to. It writes one case per line: kind, style (plain or quoted), text
// as a JSON string, outcome as JSON.
//
//	go run . -seed 1 -cases 1200 > ../../../src/loki/config_file/grammar/vectors.txt
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/c2h5oh/datasize"
	"github.com/grafana/dskit/flagext"
	"github.com/grafana/dskit/log"
	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/relabel"
	"gopkg.in/yaml.v2"
)

// ByteSize stands for Loki's own type of sizes: datasize, capitalised.
type ByteSize uint64

func (b *ByteSize) UnmarshalYAML(unmarshal func(interface{}) error) error {
	var text string
	if err := unmarshal(&text); err != nil {
		return err
	}
	var size datasize.ByteSize
	err := size.UnmarshalText([]byte(strings.ToUpper(text)))
	*b = ByteSize(size)
	return err
}

// Day stands for Loki's own type of days.
type Day struct{ text string }

func (d *Day) UnmarshalYAML(unmarshal func(interface{}) error) error {
	if err := unmarshal(&d.text); err != nil {
		return err
	}
	_, err := time.Parse("2006-01-02", d.text)
	return err
}

// The types under test, by their names in Loki, each with texts to start from.
var kinds = []struct {
	name  string
	zero  interface{}
	seeds string
}{
	{"bool", false, "true|yes|on|off|n|Y|TRUE|tRue|1|0|null"},
	{"int", int(0), numbers},
	{"int32", int32(0), numbers},
	{"int64", int64(0), numbers},
	{"uint", uint(0), numbers},
	{"uint32", uint32(0), numbers},
	{"uint64", uint64(0), numbers},
	{"float64", float64(0), numbers},
	{"string", "", "a|1|true|2024-01-01|null|~|.5|<<"},
	{"time.Duration", time.Duration(0), durations + "|" + numbers},
	{"model.Duration", model.Duration(0), durations},
	{"flagext.ByteSize", ByteSize(0), sizes},
	{"flagext.Bytes", flagext.Bytes(0), sizes},
	{"flagext.URLValue", flagext.URLValue{}, urls},
	{"config.URL", config.URL{}, urls},
	{"flagext.Time", flagext.Time{}, days},
	{"config.DayTime", Day{}, days},
	{"flagext.StringSliceCSV", flagext.StringSliceCSV{}, "a,b|a||,"},
	{"flagext.StringSliceCSVMulti", flagext.StringSliceCSVMulti{}, "a,b|a||,"},
	{"flagext.CIDRSliceCSV", flagext.CIDRSliceCSV{}, "10.0.0.0/8|::1/128,fe80::/10|1.2.3.4|1.2.3.4/33|fe80::1%a/64"},
	{"log.Level", log.Level{}, "info|debug|warn|error|INFO"},
	{"config.TLSVersion", config.TLSVersion(0), "TLS12|TLS13|TLS11|TLS10|tls12"},
	{"relabel.Action", relabel.Action(""), "replace|keep|DROP|hashmod|LabelMap|keepequal|lowercase"},
	{"relabel.Regexp", relabel.Regexp{}, regexes},
	{"model.LabelName", model.LabelName(""), "a|__name__|a-b|é|9a|a.b"},
}

const (
	numbers = "0|1|-1|+1|10|0x1F|0b101|-0b11|0o17|017|1_000|1e3|1.5|-1.5|.5|5.|1e400|1e19|-1e19|.inf|-.inf|.nan|9223372036854775807|" +
		"9223372036854775808|-9223372036854775808|18446744073709551615|18446744073709551616|4294967296|2147483648|-2147483649|" +
		"9.3e18|1.8446744073709552e19|2e19|0b|0x|1e|0.1e-3|true|abc|12345678901|2024-01-01"
	durations = "1h|30m|1h30m|1.5h|15s|100ms|5us|5µs|5ns|1d|1w|2w3d|1y|0|0s|-1h|+1h|1h1h|30|1d12h|292y|293y|106751d|2562047h|" +
		"2562048h|9223372036854775807ns|1.0000000000000000001s|.5m|1 h|1D|1hour|9999999999999999999s|1y2w3d4h5m6s7ms|1ms1s"
	sizes = "1|1B|1KB|1kB|4MB|4mb|4Mb|4MiB|1.5GB|1.5GiB|1GiB512MiB|10 MB|10kilobytes|16EB|15EB|8EiB|7EiB|0|-1KiB|+2B|1byte|" +
		"18446744073709551616|99999999999999999999|1.5.5B|1_000|0.000001KiB|8EB"
	urls = "http://localhost:3100|https://u:p@h/p?q#f|/path|a:b|:x|http://[::1]:80/|http://[fe80::1%25en0]/|http://[1.2.3.4]/|" +
		"http://a:b|http://a:1:2|http://a%20b/|http://a/%zz|http://a b|//host/x|///x|mailto:x|*|1:2|http://h/ %|a%2|http://[::1|" +
		"s3://k:s%2F@r/b|http://u@v@h/|http://é/|http://h:/|postgres://a:1,b:2/x|http://[::g]/|http://[1::2::3]|http://u[x@h|http://%41"
	days = "2024-01-01|2024-1-1|2024-02-30|2023-02-29|2024-13-01|2024-01-01T10:00|2024-01-01T1:00|2024-01-01T10:00:00Z|" +
		"2024-01-01T10:00:00.5+02:00|2024-01-01T10:00:00,5-24:60|0|01-01-2024|20240101|2024-00-10|2024-01-01 |2024-01-32"
	regexes = "a|(.*)|a|b|(?i)x|(?P<n>a)|(?<n>a)|(|)|[a|[]a]|[^]a]|[z-a]|*|a**|a*?|a{2}|a{2,}|a{,2}|a{1001}|(a{100}){11}|a{2}{3}|" +
		"\\d+|\\pL|\\p{Greek}|\\p{^Lu}|\\p{X|\\pX|\\8|\\x41|\\x{41}|\\x{110000}|\\xg|\\Q(\\E|\\C|\\z|[[:alpha:]]|[[:^word:]]|[[:x:]]|" +
		"(?x)|(?i-s:a)|(?-:a)|(?|(?P<>a)|(?P=n)|\\u1234|[a-\\d]|[\\d-z]|x{|x{1|{2}|^*|$+|\\b?|(?U)a+|\\07|\\1|\\"
)

// Characters near the grammars.
var alphabet = []rune("0123456789abcdefhikmnpstuwxyzABDEGIKMPQTZ.,:;-+_/\\()[]{}<>?*|^$%#@!~='\" \t\u00a0éµμß日\u0301😀")

var plain = regexp.MustCompile(`^[A-Za-z0-9+._~-]+(:[A-Za-z0-9+._~-]+)*$`)

func main() {
	seed := flag.Int64("seed", 1, "of the random texts")
	cases := flag.Int("cases", 1200, "how many to print")
	only := flag.String("kind", "", "the only kind, if not all")
	flag.Parse()
	random := rand.New(rand.NewSource(*seed))
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	printed := 0
	for index := 0; *only != "" && index < len(kinds); {
		if kinds[index].name == *only {
			index++
		} else {
			kinds = append(kinds[:index], kinds[index+1:]...)
		}
	}
	for _, kind := range kinds {
		for _, text := range strings.Split(kind.seeds, "|") {
			for _, quoted := range []bool{false, true} {
				printed += print(out, kind.name, kind.zero, text, quoted)
			}
		}
	}
	for printed < *cases {
		kind := kinds[random.Intn(len(kinds))]
		text := mutate(random, strings.Split(kind.seeds, "|"))
		printed += print(out, kind.name, kind.zero, text, random.Intn(2) == 0)
	}
}

func mutate(random *rand.Rand, seeds []string) string {
	runes := []rune(seeds[random.Intn(len(seeds))])
	for times := random.Intn(4); times >= 0; times-- {
		at := random.Intn(len(runes) + 1)
		switch random.Intn(6) {
		case 0, 1:
			char := alphabet[random.Intn(len(alphabet))]
			runes = append(runes[:at], append([]rune{char}, runes[at:]...)...)
		case 2:
			if at < len(runes) {
				runes = append(runes[:at], runes[at+1:]...)
			}
		case 3:
			if at < len(runes) {
				runes[at] = alphabet[random.Intn(len(alphabet))]
			}
		default:
			other := []rune(seeds[random.Intn(len(seeds))])
			from := random.Intn(len(other) + 1)
			runes = append(runes[:at:at], append(append([]rune{}, other[from:]...), runes[at:]...)...)
		}
	}
	return string(runes)
}

func print(out *bufio.Writer, name string, zero interface{}, text string, quoted bool) int {
	style, document := "quoted", "v: "+quote(text)+"\n"
	if !quoted {
		if !plain.MatchString(text) || strings.Trim(text, "-.") == "" || strings.HasPrefix(text, "-:") {
			return 0
		}
		style, document = "plain", "v: "+text+"\n"
	}
	field := reflect.StructField{Name: "V", Type: reflect.TypeOf(zero), Tag: `yaml:"v"`}
	target := reflect.New(reflect.StructOf([]reflect.StructField{field}))
	err := decode(document, target.Interface())
	outcome := map[string]interface{}{}
	var collected *yaml.TypeError
	switch {
	case errors.As(err, &collected):
		own := "into " + name
		for index, text := range collected.Errors {
			for _, local := range []string{"into main.ByteSize", "into main.Day"} {
				text = strings.Replace(text, local, own, 1)
			}
			collected.Errors[index] = text
		}
		outcome["collected"] = collected.Errors
	case err != nil:
		outcome["abort"] = err.Error()
	case !quoted && (text == "~" || strings.ToLower(text) == "null"):
		outcome["value"] = nil
	default:
		outcome["value"] = value(target.Elem().Field(0).Interface(), text)
	}
	encoded, _ := json.Marshal(outcome)
	label, _ := json.Marshal(text)
	fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", name, style, label, encoded)
	return 1
}

func decode(document string, target interface{}) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return yaml.UnmarshalStrict([]byte(document), target)
}

// What the value is; the text itself for types that keep it.
func value(v interface{}, text string) interface{} {
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return "f" + strconv.FormatFloat(v, 'e', -1, 64)
	case string:
		return v
	case flagext.StringSliceCSV:
		return []string(v)
	case flagext.StringSliceCSVMulti:
		return []string(v)
	case relabel.Action:
		return string(v)
	case config.TLSVersion:
		return text
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "i" + strconv.FormatInt(r.Int(), 10)
	case reflect.Uint, reflect.Uint32, reflect.Uint64:
		return "i" + strconv.FormatUint(r.Uint(), 10)
	}
	return text
}

// A double-quoted YAML scalar.
func quote(text string) string {
	var quoted strings.Builder
	quoted.WriteByte('"')
	for _, char := range text {
		switch {
		case char == '"' || char == '\\':
			quoted.WriteRune('\\')
			quoted.WriteRune(char)
		case char < ' ' || char == 0x7f:
			fmt.Fprintf(&quoted, "\\x%02x", char)
		default:
			quoted.WriteRune(char)
		}
	}
	quoted.WriteByte('"')
	return quoted.String()
}
