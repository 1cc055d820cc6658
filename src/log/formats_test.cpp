// Hashes, tiles, notes, checkpoints, proofs and policies against the known answers, and at their limits.
#include <filesystem>

#include "base/files.hpp"
#include "base/json.hpp"
#include "log/tile.hpp"
#include "log/tlog_proof.hpp"
#include "log/witness.hpp"

namespace vitrine::tlog {
namespace {

constexpr std::uint64_t known_size = 70'000;

std::string known_leaf(std::uint64_t index) { return fmt::format("leaf-{}", index); }

crypto::Hash known_seed(std::string_view label) { return crypto::sha256(fmt::format("custody-kat {}", label)); }

Hash hash_from(std::string_view bytes) {
  Hash out{};
  EXPECT_EQ(bytes.size(), out.size());
  if (bytes.size() == out.size()) std::ranges::copy(bytes, out.begin());
  return out;
}

Proof proof_from(const json::value& list) {
  Proof out;
  if (!list.is_array()) return out;
  for (const auto& one : list.as_array()) out.push_back(hash_from(*crypto::from_base64(one.as_string())));
  return out;
}

/// The known log, built once, with every tile it had at its end.
struct Known {
  std::map<std::string, std::string> tiles;
  std::map<std::uint64_t, Hash> roots;
  [[nodiscard]] TileReader reader() const {
    return tiles_by([this](const std::string& path) -> Result<std::string> {
      const auto found = tiles.find(path);
      if (found == tiles.end()) return fail(Errc::not_found, "{}", path);
      return found->second;
    });
  }
};

const Known& known() {
  static const Known built = [] {
    Known out;
    Edge edge;
    for (std::uint64_t i = 0; i < known_size; ++i) {
      edge.add(known_leaf(i));
      if (i < 600 || i + 2 >= 65'536) out.roots[i + 1] = edge.root();
    }
    for (auto& [tile, bytes] : edge.take_tiles()) out.tiles[path_of(tile)] = std::move(bytes);
    return out;
  }();
  return built;
}

class KnownAnswers : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = "../shared/vectors/tlog";
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << "absent: the known answers ../shared/vectors/tlog";
    kat_ = parse_json(*read_file(folder_ + "/kat.json"), 1 << 20)->as_object();
  }
  [[nodiscard]] std::string file(const std::string& name) const { return *read_file(folder_ + "/" + name); }
  [[nodiscard]] VerifierKey key(const char* name) const {
    return *parse_verifier_key(kat_.at("vkeys").at(name).as_string());
  }
  [[nodiscard]] Policy policy(std::size_t k) const {
    std::vector<Policy::Witness> witnesses;
    for (const char* name : {"witness1.example/w", "witness2.example/w", "witness3.example/w"})
      witnesses.push_back({"", key(name), ""});
    return Policy::quorum_of(k, witnesses);
  }
  std::string folder_;
  json::object kat_;
};

TEST_F(KnownAnswers, roots) {
  for (const auto& [size, root] : kat_.at("roots").as_object())
    EXPECT_EQ(crypto::hex(known().roots.at(std::stoull(size))), root.as_string()) << size;
}

TEST_F(KnownAnswers, tiles) {
  int compared = 0;
  for (const auto& [path, hash] : kat_.at("tilesSHA256").as_object()) {
    const auto tile = tile_at(path);
    ASSERT_TRUE(tile) << path;
    const auto bytes = known().reader()(*tile);
    // Partial tiles of other sizes are cuts of ours.
    std::string cut;
    if (bytes) {
      cut = *bytes;
    } else {
      const auto now = known().reader()(tile_in(tile->level, tile->index, known_size));
      ASSERT_TRUE(now) << path;
      cut = now->substr(0, static_cast<std::size_t>(tile->width) * 32);
    }
    EXPECT_EQ(crypto::hex(crypto::sha256(cut)), hash.as_string()) << path;
    ++compared;
  }
  EXPECT_EQ(compared, 132);
}

TEST_F(KnownAnswers, inclusion_proofs) {
  TiledTree tree(known_size, known().reader());
  for (const auto& one : kat_.at("inclusion").as_array()) {
    const auto index = static_cast<std::uint64_t>(one.at("Index").to_number<std::int64_t>());
    const auto proof = prove_inclusion(index, known_size, tree.reader());
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_EQ(*proof, proof_from(one.at("Proof"))) << index;
    const auto leaf = leaf_hash(known_leaf(index));
    EXPECT_TRUE(verify_inclusion(*proof, index, leaf, known_size, known().roots.at(known_size)));
    EXPECT_FALSE(verify_inclusion(*proof, index ^ 1, leaf, known_size, known().roots.at(known_size)));
  }
}

TEST_F(KnownAnswers, consistency_proofs) {
  TiledTree tree(known_size, known().reader());
  for (const auto& one : kat_.at("consistency").as_array()) {
    const auto old_size = static_cast<std::uint64_t>(one.at("Old").to_number<std::int64_t>());
    const auto old_root = hash_from(*crypto::from_base64(one.at("OldRoot").as_string()));
    const auto proof = prove_consistency(old_size, known_size, tree.reader());
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_EQ(*proof, proof_from(one.at("Proof"))) << old_size;
    EXPECT_TRUE(verify_consistency(*proof, old_size, old_root, known_size, known().roots.at(known_size)));
  }
}

TEST_F(KnownAnswers, checkpoint_and_cosignatures) {
  const auto note = file("checkpoint");
  const auto witnessed = policy(3).open(note, key("log"));
  ASSERT_TRUE(witnessed) << witnessed.error().message;
  EXPECT_EQ(witnessed->checkpoint.checkpoint.size, known_size);
  EXPECT_EQ(witnessed->checkpoint.checkpoint.root, known().roots.at(known_size));
  EXPECT_EQ(witnessed->checkpoint.note.bytes(), note);
  EXPECT_EQ(witnessed->cosigned_s.size(), 3u);
  // And the same bytes come out of the same keys: Ed25519 has no choice.
  const Signer log("custody.example/access-log", Algorithm::ed25519, known_seed("log"));
  EXPECT_EQ(log.verifier(), key("log"));
  EXPECT_TRUE(note.find(log.sign(witnessed->checkpoint.note.text, 0).line()) != note.npos);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto name = fmt::format("witness{}.example/w", i + 1);
    const Signer witness(name, Algorithm::cosignature, known_seed(name));
    EXPECT_EQ(witness.verifier(), key(name.c_str()));
    EXPECT_TRUE(note.find(witness.sign(witnessed->checkpoint.note.text, witnessed->cosigned_s.at(i) * 1000).line()) !=
                note.npos);
  }
}

TEST_F(KnownAnswers, handed_out_proof) {
  const auto text = file("leaf-65536.tlog-proof");
  const auto proof = parse_log_proof(text);
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_EQ(proof->text(), text);
  EXPECT_TRUE(verify(*proof, known_leaf(65'536), key("log"), policy(3)));
  EXPECT_FALSE(verify(*proof, known_leaf(65'537), key("log"), policy(3)));
}

TEST_F(KnownAnswers, add_checkpoint_request) {
  const auto body = file("add-checkpoint.body");
  const auto request = parse_add_checkpoint(body);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->old_size, 65'536u);
  EXPECT_EQ(request->text(), body);
  TiledTree tree(known_size, known().reader());
  EXPECT_EQ(request->proof, *prove_consistency(65'536, known_size, tree.reader()));
}

TEST(Merkle, every_pair_of_sizes_and_every_leaf_of_small_trees_is_proven_and_nothing_else) {
  constexpr std::uint64_t size_max = 70;
  std::vector<Hash> leaves, roots = {empty_root()};
  for (std::uint64_t i = 0; i < size_max; ++i) {
    leaves.push_back(leaf_hash(known_leaf(i)));
    roots.push_back(root_of(leaves));
  }
  const NodeReader read = [&](const Node& node) -> Result<Hash> {
    return root_of(std::span(leaves).subspan(node.index << node.level, std::size_t{1} << node.level));
  };
  for (std::uint64_t size = 0; size <= size_max; ++size) {
    EXPECT_EQ(*root_at(size, read), roots[size]);
    for (std::uint64_t old_size = 0; old_size <= size; ++old_size) {
      auto proof = *prove_consistency(old_size, size, read);
      EXPECT_TRUE(verify_consistency(proof, old_size, roots[old_size], size, roots[size])) << old_size << " " << size;
      proof.push_back(roots[0]);
      EXPECT_FALSE(verify_consistency(proof, old_size, roots[old_size], size, roots[size]));
      proof.resize(proof.size() - std::min<std::size_t>(2, proof.size()));
      if (old_size > 0 && old_size < size) {
        EXPECT_FALSE(verify_consistency(proof, old_size, roots[old_size], size, roots[size]));
      }
    }
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = *prove_inclusion(index, size, read);
      EXPECT_TRUE(verify_inclusion(proof, index, leaves[index], size, roots[size]));
      EXPECT_FALSE(verify_inclusion(proof, index, roots[0], size, roots[size]));
      EXPECT_FALSE(verify_inclusion(proof, index, leaves[index], size, roots[size - 1]) && size > 1);
    }
  }
  EXPECT_FALSE(prove_inclusion(5, 5, read));
  EXPECT_FALSE(prove_consistency(6, 5, read));
}

TEST(Tiles, have_the_paths_of_the_specification_and_no_others) {
  EXPECT_EQ(path_of({0, 1'234'067, 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(path_of({entries_level, 0, 17}), "tile/entries/000.p/17");
  EXPECT_EQ(path_of({3, 999'999, 1}), "tile/3/x999/999.p/1");
  for (const char* path : {"tile/0/x001/x234/067", "tile/entries/000.p/17", "tile/5/000", "tile/0/x999/999.p/255"})
    EXPECT_EQ(path_of(*tile_at(path)), path);
  for (const char* path :
       {"", "tile", "tile/0", "tile/0/", "tile/6/000", "tile/-1/000", "tile/0/0", "tile/0/1000", "tile/0/x000/001",
        "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/01", "tile/00/001", "tile/0/../../etc",
        "tile/0/x001/x234/067/", "tile/entries/000.p/", "tile/0/+01", "tile/0/x999/x999/x999/x999/x999/x999/x999/999"})
    EXPECT_FALSE(tile_at(path)) << path;
}

TEST(Tiles, of_a_tree_that_was_written_before_go_on_as_if_it_had_not_stopped) {
  for (const std::uint64_t size : {0, 1, 255, 256, 257, 511, 512, 65'535, 65'536, 65'793}) {
    Edge edge;
    std::map<std::string, std::string> files;
    const auto keep = [&](Edge& of) {
      for (auto& [tile, bytes] : of.take_tiles()) files[path_of(tile)] = bytes;
    };
    for (std::uint64_t i = 0; i < size; ++i) edge.add(known_leaf(i));
    keep(edge);
    const auto read = tiles_by([&](const std::string& path) -> Result<std::string> {
      if (!files.contains(path)) return fail(Errc::not_found, "{}", path);
      return files[path];
    });
    auto again = Edge::load(size, read);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->root(), edge.root()) << size;
    for (int i = 0; i < 300; ++i) {
      edge.add("more");
      again->add("more");
    }
    EXPECT_EQ(again->root(), edge.root()) << size;
    keep(*again);
    TiledTree tree(again->size(), read);
    EXPECT_EQ(*root_at(again->size(), tree.reader()), edge.root()) << size;
  }
}

TEST(Tiles, with_other_entries_than_hashes_are_refused) {
  Edge edge;
  for (int i = 0; i < 5; ++i) edge.add("entry");
  auto tiles = edge.take_tiles();
  const auto reader = [&](const Tile& tile) -> Result<std::string> {
    for (const auto& one : tiles)
      if (one.tile == tile) return one.bytes;
    return fail(Errc::not_found, "");
  };
  EXPECT_TRUE(Edge::load(5, reader));
  tiles[0].bytes[3] ^= 1;
  EXPECT_FALSE(Edge::load(5, reader));
}

TEST(Notes, are_read_as_written_and_refused_when_malformed) {
  const Signer signer("example.org/log", Algorithm::ed25519, known_seed("any"));
  Note note{"two\n\nparts\n", {signer.sign("two\n\nparts\n", 0)}};
  const auto again = parse_note(note.bytes());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->text, note.text) << "split at the last empty line";
  EXPECT_EQ(verify(*again, std::vector{signer.verifier()})->size(), 1u);
  const auto line = note.signatures[0].line();
  for (const std::string& bytes :
       {std::string("text\n"), std::string("text\n\n"), "text\n\n" + line.substr(0, line.size() - 1),
        "te\rxt\n\n" + line, "te\xffxt\n\n" + line, std::string("text\n\n- a AAAAAAAA\n"),
        std::string("text\n\n— a b\n"), std::string("text\n\n—  AAAAAAAAAA==\n"),
        std::string(note_bytes_max, 'a') + "\n\n" + line})
    EXPECT_FALSE(parse_note(bytes)) << bytes.substr(0, 60);
}

TEST(Notes, of_strangers_are_passed_over_and_forged_ones_refused) {
  const Signer ours("a", Algorithm::ed25519, known_seed("a")), strange("b", Algorithm::cosignature, known_seed("b"));
  const std::string text = "hello\n";
  Note note{text, {}};
  for (int i = 0; i < 16; ++i)
    note.signatures.push_back(Signer(fmt::format("stranger{}", i), Algorithm::ed25519, known_seed("s")).sign(text, 0));
  note.signatures.push_back(ours.sign(text, 0));
  const auto keys = std::vector{ours.verifier(), strange.verifier()};
  ASSERT_EQ(verify(*parse_note(note.bytes()), keys)->size(), 1u);
  note.signatures.push_back(strange.sign(text, 1'234'567));
  const auto both = verify(*parse_note(note.bytes()), keys);
  ASSERT_EQ(both->size(), 2u);
  EXPECT_EQ(both->back().unix_time_s, 1'234);
  note.signatures.back().bytes.back() ^= 1;
  EXPECT_FALSE(verify(*parse_note(note.bytes()), keys)) << "a known key's bad signature spoils the note";
}

TEST(Notes, of_a_known_name_and_another_key_id_are_of_a_stranger) {
  const Signer ours("example.org/log", Algorithm::ed25519, known_seed("ours"));
  const auto text = Checkpoint{.origin = "example.org/log", .size = 0}.text();
  auto signature = ours.sign(text, 0);
  ASSERT_TRUE(open_checkpoint(Note{text, {signature}}.bytes(), ours.verifier()));
  signature.id ^= 1;
  const auto opened = open_checkpoint(Note{text, {signature}}.bytes(), ours.verifier());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::forbidden);
  EXPECT_TRUE(open_checkpoint(Note{text, {signature, ours.sign(text, 0)}}.bytes(), ours.verifier()))
      << "beside a good one it does no harm";
  const Signer cosigner("example.org/log", Algorithm::cosignature, known_seed("ours"));
  EXPECT_NE(cosigner.verifier().id, ours.verifier().id) << "the algorithm is part of it";
  EXPECT_FALSE(open_checkpoint(Note{text, {cosigner.sign(text, 0)}}.bytes(), ours.verifier()));
}

TEST(Notes, may_have_many_signatures_of_strangers_up_to_their_limit) {
  const Signer ours("example.org/log", Algorithm::ed25519, known_seed("ours"));
  const auto text = Checkpoint{.origin = "example.org/log", .size = 0}.text();
  Note note{text, {}};
  for (std::size_t i = 0; i + 1 < note_signatures_max; ++i)
    note.signatures.push_back(
        Signer(fmt::format("stranger{}", i), Algorithm::cosignature, known_seed("s")).sign(text, 0));
  note.signatures.push_back(ours.sign(text, 0));
  const auto opened = open_checkpoint(note.bytes(), ours.verifier());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->note.signatures.size(), note_signatures_max);
  note.signatures.push_back(ours.sign(text, 0));
  EXPECT_FALSE(open_checkpoint(note.bytes(), ours.verifier()));
}

constexpr std::size_t ml_dsa_44_key_bytes = 1'312, ml_dsa_44_signature_bytes = 2'420;

TEST(Notes, with_signatures_of_algorithms_that_are_not_known_are_read_past_them) {
  const Signer ours("example.org/log", Algorithm::ed25519, known_seed("ours"));
  const Signer witness("w.example", Algorithm::cosignature, known_seed("w"));
  const auto text = Checkpoint{.origin = "example.org/log", .size = 0}.text();
  // A time and an ML-DSA-44 signature, by the witness that also signs with Ed25519 under the same name.
  const NoteSignature post_quantum{"w.example", 0x06060606, std::string(8 + ml_dsa_44_signature_bytes, '\x06')};
  const auto bytes = Note{text, {ours.sign(text, 0), post_quantum, witness.sign(text, 7'000)}}.bytes();
  const auto witnessed = Policy::quorum_of(1, {{"w", witness.verifier(), ""}}).open(bytes, ours.verifier());
  ASSERT_TRUE(witnessed) << witnessed.error().message;
  EXPECT_EQ(witnessed->cosigned_s.at(0), 7);
  EXPECT_EQ(witnessed->checkpoint.note.bytes(), bytes) << "kept for those who know it";
  const auto alone = Note{text, {ours.sign(text, 0), post_quantum}}.bytes();
  EXPECT_FALSE(Policy::quorum_of(1, {{"w", witness.verifier(), ""}}).open(alone, ours.verifier()))
      << "and it counts for nothing";
}

TEST(Notes, keys_of_algorithms_that_are_not_known_are_refused_by_name) {
  const auto key = crypto::base64(crypto::bytes_of(std::string(1 + ml_dsa_44_key_bytes, '\x06')));
  const auto parsed = parse_verifier_key("w.example+06060606+" + key);
  ASSERT_FALSE(parsed);
  EXPECT_TRUE(parsed.error().message.find("algorithm") != std::string::npos) << parsed.error().message;
  const auto policy = Policy::parse("witness w w.example+06060606+" + key + "\nquorum w\n");
  ASSERT_FALSE(policy) << "a quorum of witnesses whom nobody here can check would be none";
  EXPECT_TRUE(policy.error().message.find("line 1") != std::string::npos) << policy.error().message;
}

TEST(Notes, keys_are_checked_against_their_own_hash) {
  const auto key = Signer("example.org/log", Algorithm::ed25519, known_seed("any")).verifier();
  EXPECT_EQ(*parse_verifier_key(key.text()), key);
  auto other = key.text();
  other[other.find('+') + 1] ^= 1;
  for (const std::string& text : {other, std::string(), std::string("a+b"), "+" + key.text(), "with space" + key.text(),
                                  "example.net/log" + key.text().substr(key.text().find('+'))})
    EXPECT_FALSE(parse_verifier_key(text)) << text;
}

TEST(Checkpoints, sizes_and_roots_have_one_spelling) {
  const Checkpoint checkpoint{.origin = "example.org/log", .size = 7, .root = leaf_hash("x")};
  EXPECT_EQ(parse_checkpoint(checkpoint.text())->root, checkpoint.root);
  const auto root = crypto::base64(checkpoint.root);
  EXPECT_TRUE(parse_checkpoint("o\n7\n" + root + "\nextension\n"));
  for (const std::string& text :
       {"o\n07\n" + root + "\n", "o\n+7\n" + root + "\n", "o\n-1\n" + root + "\n", "\n7\n" + root + "\n",
        "o\n7\n" + root, "o\n7\n" + root.substr(4) + "\n", "o\n99999999999999999999\n" + root + "\n",
        "o\n7\n" + root + "\n\n", std::string("o\n7\n")})
    EXPECT_FALSE(parse_checkpoint(text)) << text;
}

TEST(Policies, say_what_is_enough) {
  std::vector<VerifierKey> keys;
  for (int i = 0; i < 4; ++i)
    keys.push_back(Signer(fmt::format("w{}", i), Algorithm::cosignature, known_seed(fmt::format("{}", i))).verifier());
  const auto log = Signer("l", Algorithm::ed25519, known_seed("l")).verifier();
  const auto text = fmt::format(
      "# whom we believe\nlog {} https://log.example\n\nwitness A {}\nwitness B {} https://b.example\nwitness C {}\n"
      "witness D {}\ngroup ab any A B\ngroup all all ab C D\nquorum all\n",
      log.text(), keys[0].text(), keys[1].text(), keys[2].text(), keys[3].text());
  const auto policy = Policy::parse(text);
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_TRUE(policy->satisfied_by({1, 2, 3}));
  EXPECT_FALSE(policy->satisfied_by({0, 1, 2}));
  EXPECT_EQ(Policy::parse(policy->text())->text(), policy->text());
  EXPECT_EQ(policy->witnesses()[1].url, "https://b.example");
  EXPECT_TRUE(Policy::parse("quorum none\n")->satisfied_by({}));
  const auto a = "witness A " + keys[0].text() + "\n";
  for (const std::string& bad :
       {std::string(), a, a + a + "quorum A\n", a + "witness B " + keys[0].text() + "\nquorum A\n", a + "quorum B\n",
        a + "group g 2 A\nquorum g\n", a + "group g 0 A\nquorum g\n", a + "group g any A\ngroup h any A\nquorum h\n",
        "witness A " + log.text() + "\nquorum A\n", a + "quorum A\nquorum A\n", a + "nonsense\nquorum A\n",
        a + "group none any A\nquorum none\n"})
    EXPECT_FALSE(Policy::parse(bad)) << bad;
}

}  // namespace
}  // namespace vitrine::tlog
