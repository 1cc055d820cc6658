// Signed notes (c2sp.org/signed-note): a text and the signatures of named keys under it. Thread-safe.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/result.hpp"

namespace vitrine::tlog {

inline constexpr std::size_t note_bytes_max = 64 << 10;
inline constexpr std::size_t note_signatures_max = 100;

/// Of a key: what its signatures are over. Others exist; their signatures are passed over.
enum class Algorithm : unsigned char {
  ed25519 = 0x01,      ///< over the text
  cosignature = 0x04,  ///< Ed25519 over "cosignature/v1\ntime …\n" and the text (c2sp.org/tlog-cosignature)
};

/// A key that signatures are checked with: "name+hash+base64(algorithm ‖ key)" as text.
struct VerifierKey {
  std::string name;
  std::uint32_t id = 0;
  Algorithm algorithm = Algorithm::ed25519;
  crypto::PublicKey key{};
  [[nodiscard]] std::string text() const;
  bool operator==(const VerifierKey&) const = default;
};
/// Errors (invalid_argument) say what is wrong with the key: its form, its name, an id that is not its own, an
/// algorithm that is not known.
[[nodiscard]] Result<VerifierKey> parse_verifier_key(std::string_view text);

/// True for what a key may be called: not empty, no white space, no '+', no control characters.
[[nodiscard]] bool is_key_name(std::string_view name);

struct NoteSignature {
  std::string name;
  std::uint32_t id = 0;
  std::string bytes;  ///< without the id
  [[nodiscard]] std::string line() const;
};

struct Note {
  std::string text;  ///< ends with a newline
  std::vector<NoteSignature> signatures;
  [[nodiscard]] std::string bytes() const;
};
/// Errors (invalid_argument): not UTF-8, control characters, no signature, a line that is not one, over the limits.
[[nodiscard]] Result<Note> parse_note(std::string_view bytes);
/// One line "— name base64\n".
[[nodiscard]] Result<NoteSignature> parse_signature_line(std::string_view line);

class Signer {
 public:
  /// Asserts that the name is_key_name.
  Signer(std::string name, Algorithm algorithm, const crypto::Hash& seed);
  [[nodiscard]] const VerifierKey& verifier() const { return verifier_; }
  /// `now` is what a cosignature says; the other algorithm has no time.
  [[nodiscard]] NoteSignature sign(std::string_view text, TimeMs now) const;

 private:
  crypto::SigningKey key_;
  VerifierKey verifier_;
};

struct VerifiedSignature {
  std::size_t key = 0;           ///< position among the keys it was checked with
  std::int64_t unix_time_s = 0;  ///< of a cosignature
};
/// The signatures made with one of `keys`, the first of each key. Those of other keys are passed over; one that names a
/// key of these and does not hold makes the whole note an error (forbidden).
[[nodiscard]] Result<std::vector<VerifiedSignature>> verify(const Note& note, std::span<const VerifierKey> keys);
/// One signature over `text`. Error: forbidden.
[[nodiscard]] Result<VerifiedSignature> verify(const NoteSignature& signature, std::string_view text,
                                               const VerifierKey& key);

}  // namespace vitrine::tlog
