#include "log/note.hpp"

#include "base/unicode.hpp"

namespace vitrine::tlog {
namespace {

constexpr std::string_view signature_prefix = "— ";
constexpr std::size_t key_name_bytes_max = 255;
constexpr std::size_t signature_bytes_max = 8 << 10;  // a post-quantum one has 3,300
constexpr std::size_t id_bytes = 4;
constexpr std::size_t time_bytes = 8;

/// SHA-256(name ‖ "\n" ‖ algorithm ‖ key), its first four bytes.
std::uint32_t key_id(std::string_view name, std::string_view algorithm_and_key) {
  const crypto::Hash hash = crypto::sha256(fmt::format("{}\n{}", name, algorithm_and_key));
  return std::uint32_t{hash[0]} << 24 | std::uint32_t{hash[1]} << 16 | std::uint32_t{hash[2]} << 8 | hash[3];
}

std::string algorithm_and_key(Algorithm algorithm, const crypto::PublicKey& key) {
  std::string out(1, static_cast<char>(algorithm));
  out += crypto::text_of(key);
  return out;
}

template <class T>
void put_big_endian(std::string& out, T value) {
  for (std::size_t i = sizeof(T); i-- > 0;) out += static_cast<char>((value >> (8 * i)) & 0xff);
}

template <class T>
T big_endian(std::string_view bytes) {
  T out = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) out = static_cast<T>(out << 8 | static_cast<unsigned char>(bytes[i]));
  return out;
}

std::string cosigned_message(std::uint64_t unix_time_s, std::string_view text) {
  return fmt::format("cosignature/v1\ntime {}\n{}", unix_time_s, text);
}

bool is_note_text(std::string_view text) {
  const bool controls =
      std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; });
  return !controls && is_utf8(text);
}

std::unexpected<Error> bad_note(std::string_view why) {
  return fail(Errc::invalid_argument, "not a signed note: {}", why);
}
std::unexpected<Error> bad_key(std::string_view why) {
  return fail(Errc::invalid_argument, "not a verifier key: {}", why);
}

}  // namespace

bool is_key_name(std::string_view name) {
  if (name.empty() || name.size() > key_name_bytes_max || !is_utf8(name) || name.find('+') != name.npos) return false;
  return !has_space_or_control(name);
}

std::string VerifierKey::text() const {
  return fmt::format("{}+{:08x}+{}", name, id, crypto::base64(crypto::bytes_of(algorithm_and_key(algorithm, key))));
}

Result<VerifierKey> parse_verifier_key(std::string_view text) {
  const auto first = text.find('+'), second = first == text.npos ? first : text.find('+', first + 1);
  if (second == text.npos) return bad_key("it reads NAME+HASH+KEY");
  VerifierKey out;
  out.name = text.substr(0, first);
  if (!is_key_name(out.name)) return bad_key("its name is empty or holds white space");
  const auto id = text.substr(first + 1, second - first - 1);
  const auto id_bytes_read = crypto::from_hex(id);
  const auto key = crypto::from_base64(text.substr(second + 1));
  if (!id_bytes_read || id_bytes_read->size() != id_bytes) return bad_key("its hash is not 8 hexadecimal digits");
  if (!key || key->empty()) return bad_key("it is not base64");
  out.algorithm = static_cast<Algorithm>(key->front());
  if (out.algorithm != Algorithm::ed25519 && out.algorithm != Algorithm::cosignature)
    return bad_key("its algorithm is neither Ed25519 (1) nor a cosignature by it (4)");
  if (key->size() != 1 + out.key.size()) return bad_key("it is not 33 bytes in base64");
  out.id = big_endian<std::uint32_t>(*id_bytes_read);
  if (out.id != key_id(out.name, *key)) return bad_key("its hash is not that of its name and key");
  std::copy(key->begin() + 1, key->end(), out.key.begin());
  return out;
}

std::string NoteSignature::line() const {
  std::string raw;
  put_big_endian(raw, id);
  raw += bytes;
  return fmt::format("{}{} {}\n", signature_prefix, name, crypto::base64(crypto::bytes_of(raw)));
}

std::string Note::bytes() const {
  std::string out = text + "\n";
  for (const auto& signature : signatures) out += signature.line();
  return out;
}

Result<NoteSignature> parse_signature_line(std::string_view line) {
  if (!line.starts_with(signature_prefix) || !line.ends_with('\n'))
    return bad_note("a signature line begins with \"— \"");
  line.remove_prefix(signature_prefix.size());
  line.remove_suffix(1);
  const auto space = line.find(' ');
  if (space == line.npos || !is_key_name(line.substr(0, space))) return bad_note("a signature without a name");
  const auto raw = crypto::from_base64(line.substr(space + 1));
  if (!raw || raw->size() <= id_bytes || raw->size() > signature_bytes_max)
    return bad_note("a signature is not base64");
  return NoteSignature{std::string(line.substr(0, space)), big_endian<std::uint32_t>(*raw), raw->substr(id_bytes)};
}

Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > note_bytes_max) return bad_note("it is too long");
  if (!is_note_text(bytes)) return bad_note("it is not UTF-8, or holds control characters");
  const auto split = bytes.rfind("\n\n");
  if (split == bytes.npos) return bad_note("there is no empty line before its signatures");
  Note note;
  note.text = bytes.substr(0, split + 1);
  auto rest = bytes.substr(split + 2);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    if (end == rest.npos) return bad_note("its last line has no end");
    VT_TRY(note.signatures.emplace_back(), parse_signature_line(rest.substr(0, end + 1)));
    rest.remove_prefix(end + 1);
    if (note.signatures.size() > note_signatures_max) return bad_note("it has too many signatures");
  }
  if (note.signatures.empty()) return bad_note("nobody has signed it");
  return note;
}

Signer::Signer(std::string name, Algorithm algorithm, const crypto::Hash& seed) : key_(seed) {
  VT_ASSERT(is_key_name(name));
  const auto id = key_id(name, algorithm_and_key(algorithm, key_.public_key()));
  verifier_ = {std::move(name), id, algorithm, key_.public_key()};
}

NoteSignature Signer::sign(std::string_view text, TimeMs now) const {
  NoteSignature out{verifier_.name, verifier_.id, {}};
  if (verifier_.algorithm == Algorithm::ed25519) {
    out.bytes = crypto::text_of(key_.sign(crypto::bytes_of(text)));
    return out;
  }
  const auto time_s = static_cast<std::uint64_t>(now / 1000);
  put_big_endian(out.bytes, time_s);
  out.bytes += crypto::text_of(key_.sign(crypto::bytes_of(cosigned_message(time_s, text))));
  return out;
}

Result<VerifiedSignature> verify(const NoteSignature& signature, std::string_view text, const VerifierKey& key) {
  const auto wrong = [&] { return fail(Errc::forbidden, "the signature of {} does not hold", key.name); };
  if (signature.name != key.name || signature.id != key.id) return wrong();
  std::string_view bytes = signature.bytes;
  if (key.algorithm == Algorithm::ed25519) {
    if (!crypto::verify_signature(key.key, crypto::bytes_of(text), crypto::bytes_of(bytes))) return wrong();
    return VerifiedSignature{};
  }
  if (bytes.size() <= time_bytes) return wrong();
  const auto time_s = big_endian<std::uint64_t>(bytes);
  bytes.remove_prefix(time_bytes);
  if (time_s > std::uint64_t{1} << 40 ||
      !crypto::verify_signature(key.key, crypto::bytes_of(cosigned_message(time_s, text)), crypto::bytes_of(bytes)))
    return wrong();
  return VerifiedSignature{0, static_cast<std::int64_t>(time_s)};
}

Result<std::vector<VerifiedSignature>> verify(const Note& note, std::span<const VerifierKey> keys) {
  std::vector<VerifiedSignature> out;
  for (const auto& signature : note.signatures) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i].name != signature.name || keys[i].id != signature.id) continue;
      VT_TRY(auto good, verify(signature, note.text, keys[i]));
      good.key = i;
      if (std::ranges::find(out, i, &VerifiedSignature::key) == out.end()) out.push_back(good);
    }
  }
  return out;
}

}  // namespace vitrine::tlog
