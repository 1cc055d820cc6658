// Notes, checkpoints, tiles, proofs, policies and witness requests as strangers send them: nothing crashes, and what is
// read is written again as it was.
#include "base/pch.hpp"
#include "log/tile.hpp"
#include "log/tlog_proof.hpp"
#include "log/witness.hpp"

namespace vitrine::tlog {
namespace {

void read_note(std::string_view bytes) {
  const auto note = parse_note(bytes);
  if (!note) return;
  const auto again = parse_note(note->bytes());
  VT_ASSERT(again && again->text == note->text && again->signatures.size() == note->signatures.size());
  const Signer key("fuzz", Algorithm::cosignature, crypto::sha256("fuzz"));
  (void)verify(*note, std::vector{key.verifier()});
  if (const auto checkpoint = parse_checkpoint(note->text)) VT_ASSERT(parse_checkpoint(checkpoint->text()).has_value());
}

void read_tile(std::string_view bytes) {
  if (const auto tile = tile_at(bytes)) VT_ASSERT(path_of(*tile) == bytes);
  const int count = bytes.empty() ? 1 : static_cast<unsigned char>(bytes.front()) + 1;
  const auto entries = entries_of(bytes, count);
  if (!entries) return;
  std::string again;
  for (const auto& entry : *entries) add_to_bundle(again, entry);
  VT_ASSERT(again == bytes);
}

void read_proof(std::string_view bytes) {
  const auto proof = parse_log_proof(bytes);
  if (!proof) return;
  VT_ASSERT(proof->text() == bytes);
  const Hash leaf = leaf_hash(bytes);
  (void)verify_inclusion(proof->hashes, proof->index, leaf, proof->index + 1, leaf);
  (void)verify_consistency(proof->hashes, proof->index, leaf, proof->index * 2 + 1, leaf);
}

void read_request(std::string_view bytes) {
  const auto request = parse_add_checkpoint(bytes);
  if (request) VT_ASSERT(request->text() == bytes);
}

void read_policy(std::string_view bytes) {
  const auto policy = Policy::parse(bytes);
  if (!policy) return;
  const auto again = Policy::parse(policy->text());
  VT_ASSERT(again && again->text() == policy->text());
  std::set<std::size_t> all;
  for (std::size_t i = 0; i < policy->witnesses().size(); ++i) all.insert(i);
  VT_ASSERT(policy->satisfied_by(all));
}

}  // namespace
}  // namespace vitrine::tlog

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace vitrine::tlog;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0: read_note(bytes); break;
    case 1: read_tile(bytes); break;
    case 2: read_proof(bytes); break;
    case 3: read_request(bytes); break;
    case 4: read_policy(bytes); break;
    default:
      if (const auto key = parse_verifier_key(bytes)) VT_ASSERT(parse_verifier_key(key->text()) == *key);
  }
  return 0;
}
