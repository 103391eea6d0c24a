// SPDX-License-Identifier: Apache-2.0

package approvalshub

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxDepth   = 32
	maxInteger = 1<<53 - 1
)

// Loads reads one JSON text strictly, so that no two readers read it differently. Refused are a member twice, integers
// beyond ±(2^53−1) in any form, lone surrogates, more than 32 levels, invalid UTF-8, and everything that is not JSON.
func Loads(text []byte) (any, error) {
	if !utf8.Valid(text) || !json.Valid(text) || hasLoneSurrogate(text) {
		return nil, errors.New("not JSON in UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return value(decoder, maxDepth)
}

// value reads the next value token by token: Unmarshal would keep the last of two members of one name.
func value(decoder *json.Decoder, left int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	if numeral, isNumber := token.(json.Number); isNumber {
		return number(string(numeral))
	}
	open, nested := token.(json.Delim)
	if !nested {
		return token, nil
	}
	if left == 0 {
		return nil, errors.New("nested too deep")
	}
	list, object := []any{}, map[string]any{}
	for decoder.More() {
		if open == '[' {
			member, err := value(decoder, left-1)
			if err != nil {
				return nil, err
			}
			list = append(list, member)
			continue
		}
		token, _ := decoder.Token()
		name, _ := token.(string)
		if _, twice := object[name]; twice {
			return nil, errors.New("a member twice")
		}
		if object[name], err = value(decoder, left-1); err != nil {
			return nil, err
		}
	}
	if _, err = decoder.Token(); open == '[' {
		return list, err
	}
	return object, err
}

func number(numeral string) (float64, error) {
	read, err := strconv.ParseFloat(numeral, 64)
	size := math.Abs(read)
	if err != nil || size > maxInteger && (size < 1e21 || !strings.ContainsAny(numeral, ".eE")) {
		return 0, errors.New("a number that not every reader holds")
	}
	return read, nil
}

// hasLoneSurrogate says whether half of a pair is escaped; Go by itself would read it as U+FFFD.
func hasLoneSurrogate(text []byte) bool {
	for at := 0; at < len(text); at++ {
		if text[at] != '\\' {
			continue
		}
		if at++; text[at] != 'u' {
			continue
		}
		unit, _ := strconv.ParseUint(string(text[at+1:at+5]), 16, 16)
		if at += 4; !utf16.IsSurrogate(rune(unit)) {
			continue
		}
		if at+7 > len(text) || text[at+1] != '\\' || text[at+2] != 'u' {
			return true
		}
		low, _ := strconv.ParseUint(string(text[at+3:at+7]), 16, 16)
		if utf16.DecodeRune(rune(unit), rune(low)) == utf8.RuneError {
			return true
		}
		at += 6
	}
	return false
}

// Canonical writes the RFC 8785 (JCS) bytes of what Loads read.
func Canonical(given any) []byte { return canonical(nil, given) }

func canonical(out []byte, given any) []byte {
	switch given := given.(type) {
	case bool:
		return strconv.AppendBool(out, given)
	case string:
		return quoted(out, given)
	case float64:
		if size := math.Abs(given); size == 0 {
			return append(out, '0')
		} else if size >= 1e-6 && size < 1e21 {
			return strconv.AppendFloat(out, given, 'f', -1, 64)
		}
		// ECMAScript writes e-7 where Go writes e-07.
		return append(out, strings.Replace(strconv.FormatFloat(given, 'e', -1, 64), "e-0", "e-", 1)...)
	case []any:
		out = append(out, '[')
		for index, member := range given {
			if index > 0 {
				out = append(out, ',')
			}
			out = canonical(out, member)
		}
		return append(out, ']')
	case map[string]any:
		names := make([]string, 0, len(given))
		for name := range given {
			names = append(names, name)
		}
		sort.Slice(names, func(a, b int) bool { return isBefore(names[a], names[b]) })
		out = append(out, '{')
		for index, name := range names {
			if index > 0 {
				out = append(out, ',')
			}
			out = canonical(append(quoted(out, name), ':'), given[name])
		}
		return append(out, '}')
	}
	return append(out, "null"...)
}

// escapes are the short ones of RFC 8785 section 3.2.2.2.
var escapes = map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

func quoted(out []byte, text string) []byte {
	out = append(out, '"')
	for _, letter := range text {
		if short, there := escapes[letter]; there {
			out = append(out, short...)
		} else if letter < 0x20 {
			out = append(out, fmt.Sprintf(`\u%04x`, letter)...)
		} else {
			out = append(out, string(letter)...)
		}
	}
	return append(out, '"')
}

// isBefore compares by UTF-16 units, as RFC 8785 sorts.
func isBefore(one, other string) bool {
	first, second := utf16.Encode([]rune(one)), utf16.Encode([]rune(other))
	for at := 0; at < len(first) && at < len(second); at++ {
		if first[at] != second[at] {
			return first[at] < second[at]
		}
	}
	return len(first) < len(second)
}
