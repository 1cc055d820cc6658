// A verifier that shares nothing with Vitrine: notes, tree hashes and tiles are checked by the Go project's own
// golang.org/x/mod/sumdb (the code behind sum.golang.org), signatures by Go's crypto/ed25519.
//
// Reads one JSON object on standard input, with the keys to believe and what to check:
//
//	{"log": vkey, "witness": vkey,
//	 "proofs": [{"entry": text, "proof": tlog-proof}, …],   each proves that its entry is in the log
//	 "audit": url}                                          every entry against the tiles and the checkpoint there
//
// and writes {"proofs": ["" or what is wrong, …], "audit": "" or what is wrong, "size": n}.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// cosigner verifies cosignatures (c2sp.org/tlog-cosignature), which note does not know: algorithm 4.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a key")
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, errors.New("not the key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if binary.BigEndian.Uint32(sum[:]) != uint32(hash) {
		return nil, errors.New("a key with another's hash")
	}
	return cosigner{parts[0], uint32(hash), key[1:]}, nil
}

// openCheckpoint wants both signatures, of the log and of the witness.
func openCheckpoint(bytes []byte, keys note.Verifiers, origin string) (tlog.Tree, error) {
	opened, err := note.Open(bytes, keys)
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != 2 {
		return tlog.Tree{}, fmt.Errorf("%d signatures of the two", len(opened.Sigs))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != origin {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func checkProof(text, entry string, keys note.Verifiers, origin string) error {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("not a proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint([]byte(checkpoint), keys, origin)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash([]byte(entry)))
}

func fetch(url string) ([]byte, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// tiles reads from where c2sp.org/tlog-tiles has them: as sumdb's, without the height in the path.
type tiles struct{ url string }

func (t tiles) Height() int                         { return tileHeight }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range wanted {
		path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
		data, err := fetch(t.url + "/tile/" + path)
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

// bundle gives the entries of one file: each has its length before it.
func bundle(url string, number, count int64) ([][]byte, error) {
	tile := tlog.Tile{H: tileHeight, L: 0, N: number, W: int(count)}
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/0/", tileHeight))
	data, err := fetch(url + "/tile/entries/" + path)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for reader := bytes.NewReader(data); reader.Len() > 0; {
		var length uint16
		if err := binary.Read(reader, binary.BigEndian, &length); err != nil {
			return nil, err
		}
		entry := make([]byte, length)
		if _, err := io.ReadFull(reader, entry); err != nil {
			return nil, err
		}
		out = append(out, entry)
	}
	if int64(len(out)) != count {
		return nil, fmt.Errorf("%d entries in a file of %d", len(out), count)
	}
	return out, nil
}

// audit holds each entry against the hash that sumdb reads from the tiles, which it holds against the checkpoint.
func audit(url string, keys note.Verifiers, origin string) (int64, error) {
	data, err := fetch(url + "/checkpoint")
	if err != nil {
		return 0, err
	}
	tree, err := openCheckpoint(data, keys, origin)
	if err != nil {
		return 0, err
	}
	const width = 1 << tileHeight
	hashes := tlog.TileHashReader(tree, tiles{url})
	for first := int64(0); first < tree.N; first += width {
		count := tree.N - first
		if count > width {
			count = width
		}
		entries, err := bundle(url, first/width, count)
		if err != nil {
			return 0, err
		}
		var places []int64
		for i := range entries {
			places = append(places, tlog.StoredHashIndex(0, first+int64(i)))
		}
		stored, err := hashes.ReadHashes(places)
		if err != nil {
			return 0, err
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != stored[i] {
				return 0, fmt.Errorf("entry %d is not the one in the tree", first+int64(i))
			}
		}
	}
	return tree.N, nil
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func main() {
	var task struct {
		Log, Witness, Audit string
		Proofs              []struct{ Entry, Proof string }
	}
	if err := json.NewDecoder(os.Stdin).Decode(&task); err != nil {
		panic(err)
	}
	logKey, err := note.NewVerifier(task.Log)
	if err != nil {
		panic(err)
	}
	witnessKey, err := newCosigner(task.Witness)
	if err != nil {
		panic(err)
	}
	keys := note.VerifierList(logKey, witnessKey)
	result := struct {
		Proofs []string `json:"proofs"`
		Audit  string   `json:"audit"`
		Size   int64    `json:"size"`
	}{Proofs: []string{}}
	for _, one := range task.Proofs {
		result.Proofs = append(result.Proofs, textOf(checkProof(one.Proof, one.Entry, keys, logKey.Name())))
	}
	if task.Audit != "" {
		result.Size, err = audit(task.Audit, keys, logKey.Name())
		result.Audit = textOf(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		panic(err)
	}
}
