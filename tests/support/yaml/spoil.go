package main

import (
	"math/rand"
	"strings"
)

// tokens are what YAML's grammar and envsubst's is made of.
var tokens = []string{
	":", ": ", " :", "-", "- ", "\n- ", "?", "? ", "\n? ", "[", "]", "{", "}", ",", ", ", "#", " #", "&a ", "*a", "*a ", "&", "*", "!", "!!", "!!str ",
	"!!int ", "!!float ", "!!null ", "!!bool ", "!!binary ", "!!timestamp ", "!!map ", "!!seq ", "!!merge ", "!a ", "!<", ">", "|", "|\n", ">-\n", "|+2\n", "|2-\n", "'", "\"", "''", "\\",
	"\\\n", "\\x41", "\\u00e9", "\\U0001F600", "\\n", "\\/", "%", "@", "`", "\n", "\n\n", "\r", "\r\n", "\t", " ", "  ", "    ", "\n  ", "\n\t",
	"---", "--- ", "\n---\n", "\n...\n", "...", "%YAML 1.1\n", "%YAML 1.2\n", "%TAG !a! tag:a,2000:\n", "\u0085", "\u2028", "\u2029", "\ufeff", "\ufffe", "\u00a0", "\x00", "\x07", "\x7f", "é", "日本", "😀",
	"<<", "<<: *a\n", "~", "null", "true", "yes", "off", "0x1F", "0o17", "017", "0b11", "1_000", "1e3", ".5", ".5_0", "-.inf", ".nan", "+12", "18446744073709551615",
	"2024-01-02", "2024-1-2T3:4:5Z", "2024-01-02 03:04:05.6", "2024-02-30", "a", "key: ", "key: value\n",
	"$", "$$", "${", "${A", "${A}", "${B:-", "${A:", "${A#", "${A##*", "${A%", "${A^^}", "${A,}", "${A/a/", "${A//a/b}", "${#A}", "=", ":=", "+", "^", "/", "//", "/#", "/%", "##", "%%", "*", "[a-z]", "[^", "1", "-1",
}

func piece(random *rand.Rand, text string) string {
	const most = 1500
	lines := strings.SplitAfter(text, "\n")
	from := random.Intn(len(lines))
	if random.Intn(3) == 0 {
		from = 0
	}
	until := from + 1 + random.Intn(60)
	cut := strings.Join(lines[from:min(until, len(lines))], "")
	for len(cut) > most {
		cut = cut[:most]
	}
	return strings.ToValidUTF8(cut, "?")
}

// spoil changes a text in up to six places, or in none.
func spoil(random *rand.Rand, text string, others []string) string {
	runes := []rune(text)
	place := func() int { return random.Intn(len(runes) + 1) }
	for range random.Intn(7) {
		at := place()
		until := min(at+1+random.Intn(1+random.Intn(12)), len(runes))
		var insert []rune
		switch random.Intn(10) {
		case 0, 1, 2, 3:
			insert = []rune(tokens[random.Intn(len(tokens))])
			until = at
		case 4:
			insert = []rune(tokens[random.Intn(len(tokens))])
		case 5:
		case 6:
			from := place()
			insert = append(insert, runes[from:min(from+random.Intn(20), len(runes))]...)
			until = at
		case 7:
			other := []rune(others[random.Intn(len(others))])
			from := random.Intn(len(other) + 1)
			insert = append(insert, other[from:min(from+random.Intn(40), len(other))]...)
			until = at
		case 8:
			insert = []rune(strings.Repeat(tokens[random.Intn(len(tokens))], 1+random.Intn(random.Intn(200)+1)))
			until = at
		case 9:
			insert = []rune{rune(32 + random.Intn(96))}
		}
		runes = append(append(append([]rune{}, runes[:at]...), insert...), runes[until:]...)
	}
	return string(runes)
}
