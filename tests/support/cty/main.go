// The real go-cty as the judge of this provider's codec.
//
//	cty vectors   writes values and how go-cty encodes them, one JSON object a line
//	cty judge     reads {"type", "msgpack"} a line, answers {"msgpack"} as go-cty re-encodes it, or {"error"}
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"
)

// line is one vector: a type, a value in one of the encodings, and go-cty's own encoding of the value.
type line struct {
	Type      json.RawMessage `json:"type"`
	Msgpack   string          `json:"msgpack,omitempty"`
	JSON      string          `json:"json,omitempty"`
	Canonical string          `json:"canonical,omitempty"`
	// Sets of other than primitive types come in an order of go-cty's own.
	Unordered bool   `json:"unordered,omitempty"`
	Error     string `json:"error,omitempty"`
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	switch {
	case len(os.Args) == 2 && os.Args[1] == "vectors":
		vectors(func(it line) { must(0, encoder.Encode(it)) })
	case len(os.Args) == 2 && os.Args[1] == "judge":
		in := bufio.NewScanner(os.Stdin)
		in.Buffer(nil, 1<<26)
		for in.Scan() {
			must(0, encoder.Encode(judge(in.Bytes())))
		}
		must(0, in.Err())
	default:
		fmt.Fprintln(os.Stderr, "usage: cty vectors|judge")
		os.Exit(2)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// judge decodes a value, as Terraform would, and encodes it anew.
func judge(text []byte) (answer line) {
	defer func() {
		// go-cty panics where a refinement contradicts itself.
		if problem := recover(); problem != nil {
			answer = line{Error: fmt.Sprint(problem)}
		}
	}()
	var it line
	must(0, json.Unmarshal(text, &it))
	var kind cty.Type
	must(0, json.Unmarshal(it.Type, &kind))
	value, err := msgpack.Unmarshal(must(hex.DecodeString(it.Msgpack)), kind)
	if err != nil {
		return line{Error: err.Error()}
	}
	return line{Type: it.Type, Msgpack: hex.EncodeToString(must(msgpack.Marshal(value, kind)))}
}

func vectors(emit func(line)) {
	for _, it := range values() {
		kind := it.kind
		if kind == cty.NilType {
			kind = it.value.Type()
		}
		emit(line{
			Type:      must(kind.MarshalJSON()),
			Msgpack:   hex.EncodeToString(must(msgpack.Marshal(it.value, kind))),
			Unordered: it.unordered,
		})
		if text, err := ctyjson.Marshal(it.value, kind); err == nil {
			emit(fromJSON(kind, string(text), it.unordered))
		}
	}
	for _, it := range oddJSON {
		emit(fromJSON(it.kind, it.text, false))
	}
	for _, it := range oddMsgpack {
		value := must(msgpack.Unmarshal([]byte(it.bytes), it.kind))
		emit(line{
			Type:      must(it.kind.MarshalJSON()),
			Msgpack:   hex.EncodeToString([]byte(it.bytes)),
			Canonical: hex.EncodeToString(must(msgpack.Marshal(value, it.kind))),
		})
	}
	for _, it := range wrong {
		if _, err := msgpack.Unmarshal([]byte(it.bytes), it.kind); err == nil {
			panic(fmt.Sprintf("%x is a %s", it.bytes, it.kind.FriendlyName()))
		}
		emit(line{Type: must(it.kind.MarshalJSON()), Msgpack: hex.EncodeToString([]byte(it.bytes)), Error: "refused"})
	}
}

func fromJSON(kind cty.Type, text string, unordered bool) line {
	value := must(ctyjson.Unmarshal([]byte(text), kind))
	return line{
		Type:      must(kind.MarshalJSON()),
		JSON:      text,
		Canonical: hex.EncodeToString(must(msgpack.Marshal(value, kind))),
		Unordered: unordered,
	}
}

type sample struct {
	value cty.Value
	// The type that it is encoded against, where that is not its own.
	kind      cty.Type
	unordered bool
}

func number(text string) cty.Value { return cty.MustParseNumberVal(text) }

func text(text string) cty.Value { return cty.StringVal(text) }

func values() (all []sample) {
	dynamic := cty.DynamicPseudoType
	object := cty.Object(map[string]cty.Type{"name": cty.String, "size": cty.Number, "zone": cty.List(cty.String)})
	add := func(values ...cty.Value) {
		for _, value := range values {
			all = append(all, sample{value: value})
		}
	}
	// Every value of its own type once more as a value of any type.
	defer func() {
		for _, it := range all {
			all = append(all, sample{value: it.value, kind: dynamic, unordered: it.unordered})
		}
	}()

	add(cty.True, cty.False)
	for _, kind := range []cty.Type{
		cty.Bool, cty.Number, cty.String, cty.List(cty.String), cty.Set(cty.Number), cty.Map(cty.Bool),
		cty.Tuple([]cty.Type{cty.String, dynamic}), cty.EmptyTuple, cty.EmptyObject, object, cty.List(object), dynamic,
	} {
		add(cty.NullVal(kind), cty.UnknownVal(kind))
	}

	for _, it := range []string{
		"0", "1", "-1", "127", "128", "255", "256", "-32", "-33", "-128", "-129", "65535", "65536", "-32768", "-32769",
		"4294967295", "4294967296", "-2147483648", "-2147483649", "9007199254740991", "9007199254740992",
		"9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
		"-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e30", "-1e30", "123456789e20",
		"0.5", "-0.75", "0.1", "-0.1", "1.5", "3.14159265358979323846264338327950288", "1e-7", "1e-400", "-12.5e-310",
		"4.9406564584124654e-324", "1e400", "12345678901234567890.125", "0.3333333333333333148296162562473909929394721984863281",
		"0.333333333333333314829616256247390992939472198486328125",
	} {
		add(number(it))
	}
	for _, it := range []float64{0.1, -0.1, 1.0 / 3, 5e-324, 1e-310, math.Copysign(0, -1), 1 << 53} {
		add(cty.NumberFloatVal(it))
	}
	add(cty.PositiveInfinity, cty.NegativeInfinity)

	long := func(count int) string { return string(bytes.Repeat([]byte("x"), count)) }
	for _, it := range []string{
		"", "a", long(31), long(32), long(255), long(256), "Ünïcödé", "e\u0301", "\u00e9", "\u1e9b\u0323",
		"\U0001f1e9\U0001f1ea", "\uac00\u11a8", "\x00\n\t\"\\<&>\u2028",
	} {
		add(text(it))
	}

	add(
		cty.ListValEmpty(cty.String), cty.SetValEmpty(cty.String), cty.MapValEmpty(cty.Number),
		cty.EmptyTupleVal, cty.EmptyObjectVal,
		cty.ListVal([]cty.Value{text("b"), text("a"), cty.NullVal(cty.String), cty.UnknownVal(cty.String)}),
		cty.SetVal([]cty.Value{text("b"), text("a"), text("b"), text("e\u0301"), text("\u00e9")}),
		cty.SetVal([]cty.Value{cty.NullVal(cty.String), text("b"), cty.UnknownVal(cty.String), cty.UnknownVal(cty.String)}),
		cty.SetVal([]cty.Value{number("10"), number("9"), number("1e30"), number("0.1"), number("-1.5"), number("1.0"), number("1")}),
		cty.SetVal([]cty.Value{cty.True, cty.False, cty.True}),
		cty.MapVal(map[string]cty.Value{"b": number("1"), "a": cty.NullVal(cty.Number), "e\u0301": cty.UnknownVal(cty.Number)}),
		cty.TupleVal([]cty.Value{text("a"), number("1.5"), cty.NullVal(dynamic), cty.DynamicVal}),
		cty.ObjectVal(map[string]cty.Value{"name": text("a"), "size": number("1"), "zone": cty.ListValEmpty(cty.String)}),
		cty.ListVal([]cty.Value{cty.NullVal(object), cty.UnknownVal(object)}),
	)
	var many []cty.Value
	for i := range 20 {
		many = append(many, cty.NumberIntVal(int64(i*i)))
	}
	add(cty.ListVal(many), cty.SetVal(many))
	inner := cty.SetVal([]cty.Value{text("x"), text("y")})
	all = append(all,
		sample{value: cty.SetVal([]cty.Value{inner, cty.SetVal([]cty.Value{text("y"), text("x")}), cty.SetVal([]cty.Value{text("z")})}), unordered: true},
		sample{value: cty.SetVal([]cty.Value{
			cty.ObjectVal(map[string]cty.Value{"a": text("2"), "b": inner}),
			cty.ObjectVal(map[string]cty.Value{"a": text("1"), "b": cty.UnknownVal(cty.Set(cty.String))}),
			cty.ObjectVal(map[string]cty.Value{"a": text("1"), "b": cty.UnknownVal(cty.Set(cty.String))}),
		}), unordered: true},
		// A type that is open within an object and within collections.
		sample{
			value: cty.ObjectVal(map[string]cty.Value{"any": text("a"), "more": cty.ListVal([]cty.Value{number("1"), number("2")})}),
			kind:  cty.Object(map[string]cty.Type{"any": dynamic, "more": cty.List(dynamic)}),
		},
		sample{
			value: cty.MapVal(map[string]cty.Value{"k": cty.UnknownVal(cty.String), "l": cty.NullVal(cty.String)}),
			kind:  cty.Map(dynamic),
		},
	)

	refine := func(kind cty.Type) *cty.RefinementBuilder { return cty.UnknownVal(kind).Refine() }
	add(
		refine(cty.String).NotNull().NewValue(),
		refine(cty.String).StringPrefixFull("arn:").NewValue(),
		refine(cty.String).NotNull().StringPrefixFull("http://é").NewValue(),
		refine(cty.String).StringPrefixFull(long(256)).NewValue(),
		refine(cty.Bool).NotNull().NewValue(),
		refine(cty.Number).NotNull().NewValue(),
		refine(cty.Number).NumberRangeLowerBound(number("1"), true).NewValue(),
		refine(cty.Number).NotNull().NumberRangeInclusive(number("-1.5"), number("1e30")).NewValue(),
		refine(cty.Number).NumberRangeUpperBound(number("0.1"), false).NewValue(),
		refine(cty.List(cty.String)).CollectionLengthLowerBound(1).NewValue(),
		refine(cty.Set(cty.Number)).NotNull().CollectionLengthUpperBound(300).NewValue(),
		refine(cty.Map(cty.Bool)).CollectionLengthLowerBound(2).CollectionLengthUpperBound(3).NewValue(),
		refine(object).NotNull().NewValue(),
		refine(cty.EmptyTuple).NotNull().NewValue(),
	)
	return all
}

// Forms that go-cty reads but does not write.
var oddJSON = []struct {
	kind cty.Type
	text string
}{
	{cty.Number, `"12"`}, {cty.Number, `"0.5"`}, {cty.Number, `1E+2`}, {cty.Number, `-0`}, {cty.Number, `-0.0e5`},
	{cty.Number, `100000000000000000000000000000000000000001`}, {cty.Number, `12e-1`},
	{cty.String, `12`}, {cty.String, `1.50`}, {cty.String, `true`}, {cty.Bool, `"true"`}, {cty.Bool, `"0"`},
	{cty.String, `"\u0065\u0301\ud83d\ude00\/"`},
	{cty.List(cty.Bool), " [ true , false,null ] \n"},
	{cty.Set(cty.Number), `[3,"2",1.0,1,null]`},
	{cty.Map(cty.String), `{"b":"1","a":null,"b":"2"}`},
	{cty.Object(map[string]cty.Type{"a": cty.String, "b": cty.Number}), `{"b":1}`},
	{cty.Object(map[string]cty.Type{"a": cty.String, "b": cty.Number}), `{}`},
	{cty.DynamicPseudoType, `{"type":["map","number"],"value":{"a":0.1}}`},
	{cty.DynamicPseudoType, `{"value":[1,"a"],"type":["tuple",["number","string"]]}`},
}

type odd struct {
	kind  cty.Type
	bytes string
}

var oddMsgpack = []odd{
	// Numbers in wider forms than they need, and as text.
	{cty.Number, "\xd0\x01"}, {cty.Number, "\xcf\x00\x00\x00\x00\x00\x00\x00\x01"}, {cty.Number, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff"},
	{cty.Number, "\xd3\xff\xff\xff\xff\xff\xff\xff\xff"}, {cty.Number, "\xca\x3f\xc0\x00\x00"},
	{cty.Number, "\xcb\x40\x00\x00\x00\x00\x00\x00\x00"}, {cty.Number, "\xa11"}, {cty.Number, "\xa41e30"}, {cty.Number, "\xa30.1"},
	{cty.Number, "\xa5-2.50"}, {cty.Number, "\xd9\x01\x31"},
	// Unknown values of other sizes and codes, and refinements that say nothing.
	{cty.String, "\xc7\x00\x00"}, {cty.String, "\xc7\x00\x0c"}, {cty.String, "\xd4\x05\x01"}, {cty.Number, "\xd4\x0c\x80"},
	{cty.String, "\xc7\x03\x0c\x81\x02\xa0"}, {cty.List(cty.Bool), "\xc7\x03\x0c\x81\x05\x00"}, {cty.DynamicPseudoType, "\xc7\x03\x0c\x81\x01\xc2"},
	// Wide strings and lengths, bytes for text, and text that is not normalised.
	{cty.String, "\xda\x00\x01a"}, {cty.String, "\xc4\x01a"}, {cty.String, "\xa3e\xcc\x81"},
	{cty.List(cty.Bool), "\xdd\x00\x00\x00\x01\xc3"}, {cty.Map(cty.Bool), "\xdf\x00\x00\x00\x01\xa1k\xc2"},
	{cty.Map(cty.Bool), "\x82\xa3e\xcc\x81\xc2\xa2\xc3\xa9\xc3"},
	{cty.Set(cty.String), "\x94\xa1b\xa1a\xa3e\xcc\x81\xa2\xc3\xa9"},
	{cty.Object(map[string]cty.Type{"a": cty.Bool, "b": cty.Bool}), "\x82\xa1b\xc2\xa1a\xc3"},
	{cty.DynamicPseudoType, "\x92\xd9\x08\"string\"\xa1a"}, {cty.DynamicPseudoType, "\x92\xc4\x09\"dynamic\"\xc0"},
	{cty.DynamicPseudoType, "\x92\xc4\x09\"dynamic\"\x92\xc4\x06\"bool\"\xc3"},
}

// What is no value of the type.
var wrong = []odd{
	{cty.Bool, "\x01"}, {cty.Bool, "\xa4true"}, {cty.Number, "\xc3"}, {cty.Number, "\xa1x"}, {cty.Number, "\xa0"},
	{cty.String, "\x01"}, {cty.List(cty.Bool), "\x80"}, {cty.List(cty.Bool), "\x92\xc3"}, {cty.List(cty.Bool), "\x91\xa1a"},
	{cty.Map(cty.Bool), "\x90"}, {cty.Map(cty.Bool), "\x81\xa1a"}, {cty.Tuple([]cty.Type{cty.Bool}), "\x92\xc3\xc3"},
	{cty.Object(map[string]cty.Type{"a": cty.Bool, "b": cty.Bool}), "\x81\xa1a\xc3"},
	{cty.Object(map[string]cty.Type{"a": cty.Bool}), "\x81\xa1b\xc3"},
	{cty.DynamicPseudoType, "\x91\xc3"}, {cty.DynamicPseudoType, "\x92\xc4\x05\"int\"\x01"}, {cty.DynamicPseudoType, "\xc3"},
	{cty.Bool, "\xc7\x04\x0c\x81\x02\xa1a"}, {cty.String, "\xc7\x03\x0c\x81\x05\x01"}, {cty.String, "\xc7\x03\x0c\x81\x01\x01"},
	{cty.Number, "\xc7\x04\x0c\x81\x03\x91\x01"}, {cty.String, "\xc7\x02\x0c\xc3\xc3"}, {cty.String, "\xa2a"},
}
