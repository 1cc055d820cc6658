#include "log/witness.hpp"

#include <charconv>
#include <filesystem>

#include "log/tile.hpp"

namespace vitrine::tlog {
namespace {

constexpr std::string_view old_prefix = "old ";
constexpr std::int64_t clock_slack_s = 60;

constexpr std::string_view text_content_type = "text/plain; charset=utf-8";

WitnessAnswer plain(int status, std::string_view why) {
  return {status, std::string(text_content_type), fmt::format("{}\n", why)};
}
WitnessAnswer size_answer(std::uint64_t size) {
  return {409, std::string(size_content_type), fmt::format("{}\n", size)};
}

}  // namespace

std::string origin_hash(std::string_view origin) { return crypto::hex(crypto::sha256(origin)); }

std::string AddCheckpoint::text() const {
  std::string out = fmt::format("{}{}\n", old_prefix, old_size);
  for (const auto& hash : proof) out += crypto::base64(hash) + "\n";
  return out + "\n" + checkpoint;
}

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
  const auto bad = [](std::string_view why) {
    return fail(Errc::invalid_argument, "not an add-checkpoint request: {}", why);
  };
  if (body.size() > add_checkpoint_bytes_max) return bad("it is too long");
  AddCheckpoint out;
  if (!body.starts_with(old_prefix)) return bad("it begins with \"old \" and a size");
  body.remove_prefix(old_prefix.size());
  const auto digits = body.substr(0, body.find('\n'));
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.old_size);
  if (error != std::errc() || fmt::format("{}", out.old_size) != digits || digits.size() == body.size())
    return bad("the old size is not a decimal number");
  body.remove_prefix(digits.size() + 1);
  while (!body.starts_with('\n')) {
    const auto line = body.substr(0, body.find('\n'));
    if (line.size() == body.size()) return bad("there is no empty line after the proof");
    const auto hash = crypto::from_base64(line);
    if (!hash || hash->size() != Hash().size()) return bad("a hash is not 32 bytes in base64");
    if (out.proof.size() == proof_hashes_max) return bad("more than 63 hashes");
    std::ranges::copy(*hash, out.proof.emplace_back().begin());
    body.remove_prefix(line.size() + 1);
  }
  out.checkpoint = body.substr(1);
  return out;
}

std::string Witness::file_of(std::string_view hash) const { return fmt::format("{}/{}.checkpoint", directory_, hash); }

/// "<hash>.followed" is made before the first cosignature: it tells a witness that never cosigned from one that forgot.
Result<void> Witness::load(const VerifierKey& log) {
  const auto hash = origin_hash(log.name);
  Followed followed{.key = log, .last = {}, .seen = {}};
  auto kept = read_file(file_of(hash), note_bytes_max);
  if (kept) {
    VT_TRY(const auto opened, open_checkpoint(*kept, log));
    VT_TRY(const auto own, verify(opened.note, {&cosigner_.verifier(), 1}));
    if (own.empty()) return fail(Errc::internal, "the kept checkpoint of {} is not cosigned by this witness", log.name);
    followed.seen = opened.checkpoint;
    followed.cosigned_s = own.front().unix_time_s;
    followed.last = std::move(*kept);
  } else if (kept.error().code != Errc::not_found) {
    return std::unexpected(kept.error());
  } else if (std::filesystem::exists(fmt::format("{}/{}.followed", directory_, hash))) {
    return fail(Errc::internal,
                "this witness has cosigned for {} and has lost what: restore its directory, or make a new witness with "
                "a new key",
                log.name);
  }
  logs_.emplace(hash, std::move(followed));
  return {};
}

Result<std::unique_ptr<Witness>> Witness::open(std::string directory, Signer cosigner, std::vector<VerifierKey> logs,
                                               const Clock& clock) {
  VT_CHECK(make_directories(directory));
  VT_TRY(auto lock, lock_file(directory + "/lock", "another process runs this witness: stop it first"));
  std::unique_ptr<Witness> out(new Witness(std::move(directory), std::move(cosigner), clock, std::move(lock)));
  for (const auto& log : logs) VT_CHECK(out->load(log));
  return out;
}

Result<void> Witness::keep(Followed& followed, const SignedCheckpoint& next, const NoteSignature& cosignature) {
  const auto hash = origin_hash(followed.key.name);
  if (followed.last.empty()) VT_CHECK(write_file_durably(fmt::format("{}/{}.followed", directory_, hash), ""));
  // Of the signatures under it only the log's own and ours: nobody else's may grow our file.
  Note note{next.note.text, {}};
  for (const auto& signature : next.note.signatures)
    if (signature.name == followed.key.name && signature.id == followed.key.id) note.signatures.push_back(signature);
  note.signatures.push_back(cosignature);
  auto bytes = note.bytes();
  VT_CHECK(write_file_durably(file_of(hash), bytes));
  followed.last = std::move(bytes);
  followed.seen = next.checkpoint;
  return {};
}

WitnessAnswer Witness::add_checkpoint(std::string_view body) {
  const auto request = parse_add_checkpoint(body);
  if (!request) return plain(400, request.error().message);
  const auto note = parse_note(request->checkpoint);
  if (!note) return plain(400, note.error().message);
  const auto origin = note->text.substr(0, note->text.find('\n'));

  std::lock_guard lock(mutex_);
  const auto found = logs_.find(origin_hash(origin));
  if (found == logs_.end()) return plain(404, "this witness does not follow that log");
  auto& followed = found->second;
  const auto opened = open_checkpoint(request->checkpoint, followed.key);
  if (!opened) return plain(opened.error().code == Errc::forbidden ? 403 : 400, opened.error().message);
  const auto& next = opened->checkpoint;
  if (request->old_size > next.size) return plain(400, "the old size is over the checkpoint's");
  if (request->old_size != followed.seen.size) return size_answer(followed.seen.size);
  if (auto good = verify_consistency(request->proof, followed.seen.size, followed.seen.root, next.size, next.root);
      !good)
    return plain(422, good.error().message);
  // Consistency from zero proves nothing of the root; of an empty tree it is known.
  if (next.size == 0 && next.root != empty_root()) return plain(422, "an empty tree has another root");

  const TimeMs now = clock_.now();
  if (now / 1000 + clock_slack_s < followed.cosigned_s)
    return plain(503, "this witness's clock went back; it cosigns nothing until that is mended");
  const auto cosignature = cosigner_.sign(opened->note.text, now);
  if (auto kept = keep(followed, *opened, cosignature); !kept)
    return plain(503, "the witness cannot keep what it would cosign: " + kept.error().message);
  followed.cosigned_s = now / 1000;
  return {200, std::string(text_content_type), cosignature.line()};
}

WitnessAnswer Witness::checkpoint(std::string_view hash) const {
  std::lock_guard lock(mutex_);
  const auto found = logs_.find(hash);
  if (found == logs_.end() || found->second.last.empty())
    return plain(404, "no checkpoint of that log was cosigned yet");
  return {200, std::string(text_content_type), found->second.last};
}

}  // namespace vitrine::tlog
