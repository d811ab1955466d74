// The real yaml.v2 and envsubst as the judges of src/loki/config_file/yaml and expand.rs.
//
//	yaml vectors                  writes texts and what the two make of them, one JSON object a line
//	yaml judge                    reads {"yaml"} or {"expand"} a line, answers with the whole object
//	yaml fuzz COUNT SEED FILE...  writes COUNT spoilt pieces of the files, with the judgement
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/drone/envsubst"
)

// line is one vector.
type line struct {
	YAML   string `json:"yaml,omitempty"`
	Expand string `json:"expand,omitempty"`
	// What the text is: "error: " and the error, or a dump of the nodes, or the expanded text after "text: ",
	// or "broken" where that is no UTF-8.
	Is string `json:"is"`
}

// variables are those that the texts may name; expand's tests know the same.
var variables = map[string]string{
	"A": "value", "B": "", "PATH_OF": "/var/lib/loki/chunks", "N": "3", "é": "ÀÉîø", "GO": "*.tar.gz", "LINES": "a: 1\nb: 2",
}

func main() {
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	switch {
	case len(os.Args) == 2 && os.Args[1] == "vectors":
		for _, it := range vectors() {
			must(0, encoder.Encode(judge(it)))
		}
	case len(os.Args) == 2 && os.Args[1] == "judge":
		in := json.NewDecoder(bufio.NewReader(os.Stdin))
		for in.More() {
			var it line
			must(0, in.Decode(&it))
			must(0, encoder.Encode(judge(it)))
		}
	case len(os.Args) > 4 && os.Args[1] == "fuzz":
		fuzz(out, must(strconv.Atoi(os.Args[2])), must(strconv.ParseInt(os.Args[3], 10, 64)), os.Args[4:])
	default:
		fmt.Fprintln(os.Stderr, "usage: yaml vectors|judge|fuzz COUNT SEED FILE...")
		os.Exit(2)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func judge(it line) line {
	if it.Expand != "" {
		it.Is = expand(it.Expand)
	} else {
		it.Is = read(it.YAML)
	}
	return it
}

func expand(text string) (is string) {
	defer func() {
		if problem := recover(); problem != nil {
			is = fmt.Sprint("panic: ", problem)
		}
	}()
	expanded, err := envsubst.Eval(text, func(name string) string { return variables[name] })
	if err != nil {
		return "error: " + err.Error()
	}
	if !utf8.ValidString(expanded) {
		return "broken"
	}
	return "text: " + expanded
}

// fuzz writes for each text: 'y' or 'x', the text, the judgement; each with its length before it.
func fuzz(out *bufio.Writer, count int, seed int64, paths []string) {
	random := rand.New(rand.NewSource(seed))
	var corpus []string
	for _, path := range paths {
		corpus = append(corpus, strings.ToValidUTF8(string(must(os.ReadFile(path))), "?"))
	}
	var odd, expansions []string
	for _, it := range vectors() {
		if it.Expand != "" {
			expansions = append(expansions, it.Expand)
		} else {
			odd = append(odd, it.YAML)
		}
	}
	write := func(text string) {
		must(0, binary.Write(out, binary.LittleEndian, uint32(len(text))))
		must(out.WriteString(text))
	}
	for range count {
		if random.Intn(5) == 0 {
			text := spoil(random, expansions[random.Intn(len(expansions))], expansions)
			must(0, out.WriteByte('x'))
			write(text)
			write(expand(text))
			continue
		}
		var text string
		if random.Intn(2) == 0 {
			text = spoil(random, odd[random.Intn(len(odd))], odd)
		} else {
			text = spoil(random, piece(random, corpus[random.Intn(len(corpus))]), odd)
		}
		// yaml.v2 reads 512 bytes at a time.
		switch random.Intn(20) {
		case 0:
			text = "#" + strings.Repeat("x", 490+random.Intn(24)) + "\n" + text
		case 1:
			text = "#" + strings.Repeat("x", 490+random.Intn(24)) + "\n\ufeff" + text
		case 2:
			text = strings.Repeat("\ufeff", 1+random.Intn(3)) + text
		case 3:
			text = text + "\n" + text + "\n" + text
		}
		must(0, out.WriteByte('y'))
		write(text)
		write(read(text))
	}
}
