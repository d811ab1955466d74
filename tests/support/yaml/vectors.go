package main

import "strings"

// readable are texts for yaml.v2, good and bad.
var readable = []string{
	"", "\n", "# only a comment\n", "---\n", "--- # nothing\n...\n", "~", "null\n", "a", "a: 1", "a: 1\nb: 2\n", "a:\n  b:\n    c: d\n",
	"\ufeffa: 1\n", "\ufeff\ufeffa: 1\nb: 2\n", "\ufeff", "a: 1\n\ufeffb: 2\n",
	// Mistakes that people make.
	"a: b: c\n", "a: 1\n b: 2\n", "a:\n  b: 1\n c: 2\n", "a:\n\tb: 1\n", "a: 1\n\tb: 2\n", "a\nb: 1\n", "a: 1\nb\n", "a: 1\nb\nc: 2\n", "a: 'x\n", "a: \"x\n",
	"a: [1, 2\n", "a: [1, 2\nb: 3\n", "a: {b: 1\n", "a: {b: 1\nc: 2\n", "a: [1, 2}}\n", "a: {b: 1]\n", "a: ]\n", "a: }\n", "a: ,\n", "- a\nb: 1\n", "a: 1\n- b\n", "a: - b\n",
	"a: @x\n", "a: `x`\n", "a: %x\n", "%x", "a: *x\n", "a: *x", "a: &x\n", "a: & x\n", "a: *\n", "a: &x &y z\n", "a: !!int !!str 1\n", "a: {{ .Values.x }}\n", "a: {{ x }\n", "{{ x }}: 1\n",
	"a: \"\\q\"\n", "a: \"\\x4\"\n", "a: \"\\ud800\"\n", "a: \"\\U00110000\"\n", "a: \"\\UFFFFFFFF\"\n", "a: 'it's'\n", "a: \"say \"hi\"\"\n", "a: \x07\n", "a: b\x00c\n", "a: \u0080\n", "a: \ufffe\n", "a: \U0001F600\n",
	"? a\n: b\n", "? a\n", ": b\n", "?\n:\n", "? - a\n  - b\n: c\n", "? {a: 1}\n: 2\n", "[a]: 1\n", "[]: x\n", "{}: x\n", "{a: 1}: x\n", "[a: 1, b]\n", "[? a : b, c]\n", "{? a, b: , : c, d}\n", "{a, b}\n", "[a, , b]\n", "[,]\n", "{,}\n", "[? ]\n", "[? , a]\n", "[: a]\n", "{:a}\n", "[-]\n", "[- a]\n", "[a\n: b]\n",
	"- - - a\n", "- a\n-\n- b\n", "a:\n- b\n- c\nd: e\n", "a:\n-\n-\n", "-a\n", "- \ta\n", "-\ta\n", "a:\tb\n", "a: b\t\n", "a:\n    - b\n   - c\n", "a:\n  - b\n c: d\n", "-\n-\n - a\n", "--- a\n--- b\n", "--- a: 1\n", "---a\n", "a\n---\nb: [\n", "a: 1\n...\n}\n", "...\n", "a: 1\n... x\n", "'a\n--- b'\n", "a\n--- b\n", "a: 'x\n...\ny'\n",
	"%YAML 1.1\n---\na: 1\n", "%YAML 1.2\n---\na: 1\n", "%YAML 1.1\n%YAML 1.1\n---\n", "%YAML 111.1\n---\n", "%YAML 1\n---\n", "%YAML x\n---\n", "%YAML 1.1 x\n---\n", "%YAML 1.1\na: 1\n", "%FOO\n---\n", "%\n", "%YAML#\n",
	"%TAG ! tag:x,2000:\n---\n!a b\n", "%TAG !x! tag:x,2000:\n---\n!x!a b\n", "%TAG !x tag:x\n---\n", "%TAG x\n---\n", "%TAG !x!tag\n---\n", "%TAG !x! !\n%TAG !x! !\n---\n", "%TAG !x! tag:a^\n---\n", "!x!a b\n", "!<a> b\n", "!<a b\n", "!< b\n", "!<> b\n", "!a%41 b\n", "!a%4 b\n", "!a%C3%A9 b\n", "!a%C3%41 b\n", "!a%80 b\n", "!! b\n", "! b\n", "!a^ b\n", "!!str\n", "a: !!str\nb: !!int\n", "!a,b c\n",
	// Scalars.
	"a: |\n  x\n  y\n", "a: |-\n  x\n", "a: |+\n  x\n\n\n", "a: >\n  x\n  y\n\n  z\n   w\n  v\n", "a: |2\n    x\n", "a: |0\n  x\n", "a: |-0\n", "a: |10\n  x\n", "a: |2+\n  x\n", "a: |+2\n  x\n", "a: |x\n", "a: | # c\n  x\n", "a: |#c\n  x\n", "a: |\n\tx\n", "a: |\n  x\n\ty\n", "a: |\n x\n  y\nz\n", "a: |\n", "a: |\n\n\n", "|\na\n", "- |\n x\n- >\n y\n", "a: |\n    x\n  y\n", "a: |\n   \n  x\n", "a: >\n\n\n  x\n", "a: |\r\n  x\r\n  y\r\n", "a: >+\n  x\u2028  y\n", "a: >-\n  x\n\n",
	"a: 'x''y'\n", "a: 'x\n  y\n\n  z'\n", "a: \"x\n  y\n\n  z\"\n", "a: \"x\\\n  y\"\n", "a: \"x \\\n  \\ y\"\n", "a: \"x\u0085y\u2029z\"\n", "a: \"\\0\\a\\b\\t\\n\\v\\f\\r\\e\\ \\\"\\'\\\\\\N\\_\\L\\P\\x41\\u00e9\\U0001F600\"\n", "a: \"\\\tx\"\n", "a: x\n  y\n\n  z\n", "a: x\n  \ty\n", "a: x\n \ty\n", "a:\n  x\n \ty\n", "a: x #y\n", "a: x#y\n", "a: x: y\n", "a: x:y\n", "a: http://x:80/y\n", "[x?y, z]\n", "[x:y]\n", "[x: y]\n", "{x:y}\n", "{\"x\":y}\n", "{x: y, }\n", "a: x\u2028y\n", "a: x\u0085  y\n", "a\r\n", "a: 1\rb: 2\r", "'a': 1\n'a\nb': 2\n", "\"a\nb\": 2\n", "a b c: 1\n", "a: -\n", "a: ?\n", "a: :\n", "a: ?x\n", "a: :x\n", "a: -x\n", "-", "?", ":", "- ?", "a:", "a: b\\\n",
	// Anchors and merging.
	"a: &x 1\nb: *x\n", "a: &x [1]\nb: *x\n", "&x a: 1\nb: *x\n", "a: &x\nb: *x\n", "&a [*a]\n", "&a {b: *a}\n", "a: &x {b: &y [*x]}\n", "a: &x 1\nb: &x 2\nc: *x\n", "*a : 1\n", "&a a: *a\n", "&a : *a\n", "a: &x-y_1 1\nb: *x-y_1\n", "a: &x: 1\n", "a: *x: 1\n", "{*a: 1}\n", "a: &é 1\n", "*x", "a: &x 1\nb: *x c\n",
	"a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n", "a: &x {b: 1}\nc: &y {d: 2}\ne:\n  <<: [*x, *y]\n", "<<: 1\n", "<<: [1]\n", "<<: {a: 1}\n", "<<: [{a: 1}, {b: 2}]\n", "a: &x [1]\n<<: *x\n", "a: &x 1\n<<: [*x]\n", "'<<': 1\n", "!!merge <<: {a: 1}\n", "!!merge a: 1\n", "a: <<\n", "<<:\n", "<< : {<<: {a: 1}}\n", "a: &x {<<: *x}\n", "a: !!merge <<\n", "!!str <<: {a: 1}\n", "! <<: {a: 1}\n",
	// Tags against texts.
	"!!int a\n", "!!int '5'\n", "!!float 5\n", "!!float 18446744073709551615\n", "!!float x\n", "!!bool 1\n", "!!bool 'yes'\n", "!!null a\n", "!!null ''\n", "!!null ~\n", "!!str 5\n", "!!str ~\n", "!!timestamp 5\n", "!!timestamp '2024-01-02'\n", "!!binary aGk=\n", "!!binary aGl=\n", "!!binary aGk\n", "!!binary ' aGk= '\n", "!!binary |\n  aG\n  k=\n", "!!binary ''\n", "!!map a\n", "!!seq a\n", "!!map [a]\n", "!!seq {a: 1}\n", "!!null {a: 1}\n", "!!foo a\n", "!foo 5\n", "!foo\n", "!!set {a}\n", "!<tag:yaml.org,2002:int> 5\n", "a: !!str\n", "'null'\n", "'~'\n", "''\n", "\"\"\n", "Null\n", "NULL\n", "!!int\n", "!!bool\n", "!!timestamp\n",
}

// scalars are resolved by their texts.
var scalars = strings.Fields(`y Y yes Yes YES yEs n N no No NO true True TRUE tRue on On ON off Off OFF oFF false False FALSE ~ null Null NULL nULL
	0 1 -1 +1 00 01 07 08 0777 0888 -017 +017 0x 0x1F 0X1f -0xff +0xff 0xg 0o 0o17 0O17 -0o17 0o8 0b 0b1 0b102 0B11 -0b11 +0b11 0b-11 0b+11 0b--1 -0b-1 0_1 _1 1_ 1__0 1_000 0x_1f 0x1_f 1_000.5 -_1 +_ -_
	9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616 +18446744073709551615 0xffffffffffffffff 0x8000000000000000 -0x8000000000000000 0b1111111111111111111111111111111111111111111111111111111111111111 01777777777777777777777
	1.5 -1.5 +1.5 1. -1. .5 -.5 +.5 .5. . .. - + -- +- 1.5.2 1e3 1E3 1e+3 1e-3 1e 1e+ e3 .e3 1.e3 .5e3 .5_0 ._5 .5_ .5__0 .5e1_0 .5e_1 .5_e1 1e400 -1e400 1e-400 .1e400 1e5_0 0.1 0.30000000000000004 5e-324 2.4703282292062327e-324 1.7976931348623157e308 1.7976931348623159e308 123456789012345678901234567890 0x1p4 0x1.8p1 inf nan Inf +inf NaN
	.inf .Inf .INF .iNF +.inf -.inf -.Inf -.INF .nan .NaN .NAN .Nan +.nan -.nan infinity .infinity
	2024-01-02 2024-1-2 2024-13-01 2024-00-01 2024-02-29 2023-02-29 2024-02-30 2024-04-31 2024-1-32 2024-01-0 0000-01-01 0000-02-29 9999-12-31 12024-01-02 202-01-02 2024-01-02T03:04:05Z 2024-1-2t3:4:5Z 2024-01-02T03:04:05 2024-01-02T03:04:05.5Z 2024-01-02T03:04:05,5Z 2024-01-02T03:04:05.Z 2024-01-02T03:04:05.123456789123Z 2024-01-02T03:04:05+07:00 2024-01-02T03:04:05-24:60 2024-01-02T03:04:05-25:00 2024-01-02T03:04:05+07:61 2024-01-02T03:04:05+0700 2024-01-02T03:04:05+07 2024-01-02T24:00:00Z 2024-01-02T23:60:00Z 2024-01-02T23:59:60Z 2024-01-02T3:4Z 2024-01-02T03:04:05z 2024-01-02Z 2024-01 2024- 2024-01-02x 2024-001-02 2024-01-002
	1:30 1:30:45 10s 1h30m 1GB 64MB 50% 1,000 0.0.0.0 1.2.3.4 << = foo NaN .nan1 ~~ None nil TRUE1 <<< 1d 0d é 日本`)

// expandable are texts for envsubst, good and bad.
var expandable = []string{
	"plain", "$A", "$A $B $", "$$A", "$${A}", "$$$A", "$$${A}", "\\${A}", "\\\\${A}", "a\\/b", "a\\b\\n", "$", "$$", "$$$", "${", "${}", "${A", "${A}", "${B}", "${C}", "x${A}y${A}z", "${A}${B}${N}", "${ A}", "${A }", "${A-d}", "${A.b}", "${1}", "${_}", "${é}", "${é^}", "${é,,}", "${a}", "$(A)", "${A}}", "{${A}}", "${${A}}", "$ {A}",
	"${A:-d}", "${B:-d}", "${C:-d}", "${C:-}", "${C:=d}", "${C=d}", "${A=d}", "${C:?d}", "${A:?d}", "${C:+d}", "${A:+d}", "${C:-${A}}", "${C:-x${A}y}", "${C:-${B:-${N}}}", "${C:-a:b/c}", "${C:-$A}", "${C:-$$A}", "${C:-$}", "${C:-$$}", "${C:-{x}}", "${C:-d", "${C:-${A}", "${C==d}", "${C:=}", "${C=}", "${C:-a b\nc}", "${C:-é}", "${C:-\"x\"}", "${C-}", "${C+d}", "${C?d}", "${C:-\\}}",
	"${A:1}", "${A:1:2}", "${A:0}", "${A:9}", "${A:-1}", "${A: -1}", "${A:x}", "${A:1:x}", "${A:1:9}", "${A:9:1}", "${A:1:-1}", "${A:4:-9}", "${A:}", "${A::}", "${A:1:}", "${A::2}", "${A:1::2}", "${A:1:2:3}", "${A:${N}}", "${A:${N}:1}", "${A:1:${N}}", "${A:+1}", "${A:1", "${A:1:2", "${é:1}", "${A:99999999999999999999}", "${A:1:9223372036854775807}",
	"${#A}", "${#B}", "${#é}", "${#}", "${#A", "${##A}", "${#A#}", "${#A:-d}",
	"${A^}", "${A^^}", "${A,}", "${A,,}", "${A^^^}", "${A^,}", "${A^x}", "${B^}", "${A^", "${A,}x",
	"${A#v}", "${A##v*}", "${A#*a}", "${PATH_OF#*/}", "${PATH_OF##*/}", "${PATH_OF%/*}", "${PATH_OF%%/*}", "${PATH_OF%/chunks}", "${GO%.*}", "${GO%%.*}", "${A#?}", "${é#?}", "${é%?}", "${A#[a-v]}", "${A#[^a]}", "${A#[}", "${A#[a}", "${A#\\v}", "${A#\\}", "${A#}", "${A##}", "${A%}", "${A%%}", "${A###}", "${A#${A}}", "${A%${N}}", "${A#v", "${A#*}", "${A##*}", "${A%*}", "${A#[z-a]}", "${A#[v]al*}", "${A#*l*}", "${GO#\\*}", "${A#[]v]}", "${A#[v-]}",
	"${A/a/b}", "${A//l/L}", "${A/#v/V}", "${A/%e/E}", "${A/a/}", "${A/a}", "${A/}", "${A//}", "${A///}", "${A//a}", "${A/a/b/c}", "${PATH_OF//\\//_}", "${PATH_OF/\\//_}", "${PATH_OF//\\/var/x}", "${A//a/\\/}", "${A/${A}/${N}}", "${A//a/$$}", "${A///x}", "${A//\\\\/x}", "${A/#x/y}", "${A/%x/y}", "${C/%x/}", "${C/#x/}", "${C//x/}", "${C/x/}", "${C/#x/y}", "${C/%x/y}", "${C#x}", "${C%x}", "${C:1}", "${C^}", "${#C}", "${A/a/${C:-d}}", "${A/a/b", "${A/a", "${A/#/x}", "${A/%/x}", "${A//$/x}", "${A//é/x}", "${é//É/x}", "${é/$é/x}",
	"a: ${A}\nb: \"${PATH_OF}\"\nc: ${LINES}\n", "regex: ^foo$\n", "replacement: $1:$2\n", "replacement: $$1:$$2\n", "replacement: ${1}:${2}\n", "x$é${A}", "${A:-$é}", "${A#$é}", "\\$\\$", "\\\\", "\\/", "//", "a\x00${A}", "${A\x00}", "${C:-\x00}", "日本${A}日本", "${A}\u00e9", "${日本:-語}",
}

func vectors() (all []line) {
	for _, text := range readable {
		all = append(all, line{YAML: text})
	}
	for _, text := range scalars {
		all = append(all, line{YAML: text + "\n"})
	}
	all = append(all, line{YAML: "2024-01-02 03:04:05"}, line{YAML: "2024-01-02   3:4:5.6"}, line{YAML: "2024-01-02 03:04:05Z"}, line{YAML: "2024-01-02 03:04"},
		// Keys of more than 1024 characters, lines of more than 512 bytes, nesting, aliases of aliases.
		line{YAML: strings.Repeat("k", 1030) + ": 1\n"}, line{YAML: "a: 1\n" + strings.Repeat("k", 1025) + ": 1\n"}, line{YAML: "{" + strings.Repeat("k", 1024) + ": 1}\n"},
		line{YAML: "a: ]\n#" + strings.Repeat("x", 600) + "\x07"}, line{YAML: "a: ]\n#" + strings.Repeat("x", 400) + "\x07"},
		line{YAML: strings.Repeat("[", 40)}, line{YAML: strings.Repeat("[", 40) + strings.Repeat("]", 40)}, line{YAML: strings.Repeat("- ", 40)}, line{YAML: strings.Repeat("{a: ", 40)},
		line{YAML: bomb(3, 9)}, line{YAML: bomb(4, 9)})
	for _, text := range expandable {
		all = append(all, line{Expand: text})
	}
	return all
}

// bomb is lists of aliases of lists.
func bomb(levels, width int) string {
	var out strings.Builder
	out.WriteString("a: &a [" + strings.Repeat("x,", width) + "]\n")
	for level := range levels {
		name, below := string(rune('b'+level)), string(rune('a'+level))
		out.WriteString(name + ": &" + name + " [" + strings.Repeat("*"+below+",", width) + "]\n")
	}
	return out.String()
}
