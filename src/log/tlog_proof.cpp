#include "log/tlog_proof.hpp"

#include <charconv>

#include "log/tile.hpp"

namespace vitrine::tlog {
namespace {

constexpr std::string_view first_line = "c2sp.org/tlog-proof@v1\n";
constexpr std::string_view extra_prefix = "extra ";
constexpr std::string_view index_prefix = "index ";
constexpr std::size_t extra_bytes_max = 64 << 10;

std::unexpected<Error> bad(std::string_view why) { return fail(Errc::invalid_argument, "not a proof: {}", why); }

}  // namespace

std::string LogProof::text() const {
  std::string out(first_line);
  if (extra) out += fmt::format("{}{}\n", extra_prefix, crypto::base64(crypto::bytes_of(*extra)));
  out += fmt::format("{}{}\n", index_prefix, index);
  for (const auto& hash : hashes) out += crypto::base64(hash) + "\n";
  return out + "\n" + checkpoint;
}

Result<LogProof> parse_log_proof(std::string_view text) {
  if (!text.starts_with(first_line)) return bad("its first line is not c2sp.org/tlog-proof@v1");
  text.remove_prefix(first_line.size());
  const auto end = text.find("\n\n");
  if (end == text.npos) return bad("there is no checkpoint in it");
  LogProof out;
  out.checkpoint = text.substr(end + 2);
  auto head = text.substr(0, end + 1);
  const auto take = [&head] {
    const auto line = head.substr(0, head.find('\n'));
    head.remove_prefix(line.size() + 1);
    return line;
  };
  auto line = take();
  if (line.starts_with(extra_prefix)) {
    VT_TRY(out.extra, crypto::from_base64(line.substr(extra_prefix.size())));
    if (out.extra->size() > extra_bytes_max) return bad("its extra data are too long");
    if (head.empty()) return bad("it has no index");
    line = take();
  }
  if (!line.starts_with(index_prefix)) return bad("it has no index");
  const auto digits = line.substr(index_prefix.size());
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.index);
  if (error != std::errc() || fmt::format("{}", out.index) != digits || out.index >= tree_size_max)
    return bad("its index is not a decimal number");
  while (!head.empty()) {
    const auto bytes = crypto::from_base64(take());
    if (!bytes || bytes->size() != Hash().size()) return bad("a hash is not 32 bytes in base64");
    if (out.hashes.size() == proof_hashes_max) return bad("it has too many hashes");
    std::ranges::copy(*bytes, out.hashes.emplace_back().begin());
  }
  return out;
}

Result<Policy::Witnessed> verify(const LogProof& proof, std::string_view entry, const VerifierKey& log,
                                 const Policy& policy) {
  VT_TRY(auto witnessed, policy.open(proof.checkpoint, log));
  const auto& checkpoint = witnessed.checkpoint.checkpoint;
  VT_CHECK(verify_inclusion(proof.hashes, proof.index, leaf_hash(entry), checkpoint.size, checkpoint.root));
  return witnessed;
}

}  // namespace vitrine::tlog
