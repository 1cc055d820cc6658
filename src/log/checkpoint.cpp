#include "log/checkpoint.hpp"

#include <charconv>

#include "log/tile.hpp"

namespace vitrine::tlog {
namespace {

std::unexpected<Error> bad(std::string_view why) { return fail(Errc::invalid_argument, "not a checkpoint: {}", why); }

/// Takes a line off the front; nullopt when there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  const auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string Checkpoint::text() const { return fmt::format("{}\n{}\n{}\n", origin, size, crypto::base64(root)); }

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto origin = take_line(text), size = take_line(text), root = take_line(text);
  if (!origin || !size || !root) return bad("it has fewer than three lines");
  Checkpoint out;
  if (origin->empty()) return bad("its origin is empty");
  out.origin = *origin;
  const auto [end, error] = std::from_chars(size->data(), size->data() + size->size(), out.size);
  if (error != std::errc() || end != size->data() + size->size() || fmt::format("{}", out.size) != *size ||
      out.size > tree_size_max)
    return bad("its size is not a decimal number");
  const auto hash = crypto::from_base64(*root);
  if (!hash || hash->size() != out.root.size()) return bad("its root is not 32 bytes in base64");
  std::ranges::copy(*hash, out.root.begin());
  while (!text.empty()) {
    const auto extension = take_line(text);
    if (!extension || extension->empty()) return bad("an extension line is empty");
  }
  return out;
}

Result<SignedCheckpoint> open_checkpoint(std::string_view bytes, const VerifierKey& log) {
  SignedCheckpoint out;
  VT_TRY(out.note, parse_note(bytes));
  VT_TRY(const auto signatures, verify(out.note, {&log, 1}));
  if (signatures.empty()) return fail(Errc::forbidden, "the checkpoint is not signed by {}", log.name);
  VT_TRY(out.checkpoint, parse_checkpoint(out.note.text));
  if (out.checkpoint.origin != log.name)
    return fail(Errc::forbidden, "the checkpoint is of {}, not of {}", out.checkpoint.origin, log.name);
  return out;
}

}  // namespace vitrine::tlog
