#include "feed/fold.hpp"

#include <charconv>
#include <unistd.h>

#include "base/log.hpp"
#include "feed/archive.hpp"

namespace vitrine::feed {
namespace {

constexpr std::string_view magic = "VTRNFEED";
constexpr std::uint64_t skipped_logged_max = 10;
constexpr std::string_view folder = "feed";
constexpr std::size_t snapshots_kept = 2;
constexpr std::size_t read_at_once = 64;  // enough for the engine to fetch ahead, few enough to stay in the caches

using Checksum = crypto::Hash;

/// What a snapshot begins with.
struct Opening {
  std::uint32_t version = engine_version;
  store::Sequence folded = 0;
  std::uint64_t skipped = 0;
  crypto::Hash history{};

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive(self.version, self.folded, self.skipped, self.history);
  }
};

std::string_view text_of(const Checksum& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

crypto::Hash next_in_chain(const crypto::Hash& before, std::string_view record) {
  std::string both(text_of(before));
  both += record;
  return crypto::sha256(both);
}

std::string key_of(store::Sequence folded) { return fmt::format("{}/{:020}.snapshot", folder, folded); }

std::optional<store::Sequence> folded_of(std::string_view key) {
  key.remove_prefix(std::min(key.size(), folder.size() + 1));
  store::Sequence out = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), out);
  return error == std::errc() && key_of(out).ends_with(key) ? std::optional(out) : std::nullopt;
}

Result<std::string> read_whole(const store::BlobFile& file) {
  std::string out(static_cast<std::size_t>(file.size()), '\0');
  for (std::size_t at = 0; at < out.size();) {
    const auto got = ::pread(file.descriptor(), out.data() + at, out.size() - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(system_error("reading a snapshot", errno));
    if (got == 0) return fail(Errc::internal, "a snapshot became shorter while it was read");
    at += static_cast<std::size_t>(got);
  }
  return out;
}

}  // namespace

Fold::Fold() : engine_(make_rate_engine()), reader_(std::make_unique<RecordReader>()) {}
Fold::Fold(Fold&&) noexcept = default;
Fold& Fold::operator=(Fold&&) noexcept = default;
Fold::~Fold() = default;

Result<void> Fold::add(std::span<const store::Record> records) {
  for (std::size_t from = 0; from < records.size(); from += read_at_once)
    VT_CHECK(add_few(records.subspan(from, std::min(read_at_once, records.size() - from))));
  return {};
}

Result<void> Fold::add_few(std::span<const store::Record> records) {
  reader_->clear();
  entries_.clear();
  Result<void> read;
  for (const auto& record : records) {
    VT_ASSERT(record.sequence == folded_);
    auto entry = reader_->read_beside(record.data);
    if (entry) {
      entries_.push_back(std::move(*entry));
    } else if (entry.error().code == Errc::unsupported) {
      read = std::unexpected(entry.error());
      break;
    } else if (++skipped_ <= skipped_logged_max) {
      log::warning("feed.record_skipped", {{"sequence", record.sequence}});
    }
    history_ = next_in_chain(history_, record.data);
    ++folded_;
  }
  engine_->fold(entries_);
  return read;
}

Result<void> Fold::advance(const store::Stream& stream, store::Sequence end, std::size_t batch) {
  while (folded_ < end) {
    VT_TRY(const auto records, stream.read(folded_, std::min<std::size_t>(batch, end - folded_)));
    if (records.empty()) return fail(Errc::internal, "the event stream ends before its end");
    VT_CHECK(add(records));
  }
  return {};
}

std::string Fold::snapshot() const {
  std::string out(magic);
  {
    StateWriter writer([&out](std::string_view bytes) { out += bytes; });
    writer(Opening{.folded = folded_, .skipped = skipped_, .history = history_});
    engine_->save(writer);
  }
  out += text_of(crypto::sha256(out));
  return out;
}

Result<Fold> Fold::of_snapshot(std::string_view bytes) {
  if (!bytes.starts_with(magic)) return fail(Errc::invalid_argument, "this is no snapshot of the feed");
  if (bytes.size() < magic.size() + sizeof(Checksum))
    return fail(Errc::invalid_argument, "the snapshot ends after {} bytes", bytes.size());
  const auto sum = bytes.substr(bytes.size() - sizeof(Checksum));
  bytes.remove_suffix(sizeof(Checksum));
  if (text_of(crypto::sha256(bytes)) != sum)
    return fail(Errc::invalid_argument, "the snapshot is damaged or cut short: its checksum does not fit");
  StateReader reader(bytes.substr(magic.size()));
  Opening head;
  reader(head);
  if (reader.ok() && head.version != engine_version)
    return fail(Errc::unsupported, "the snapshot is of engine version {}, this is {}", head.version, engine_version);
  Fold out;
  if (reader.ok()) out.engine_->load(reader);
  if (!reader.ok()) return fail(Errc::invalid_argument, "the snapshot holds what cannot be: {}", reader.error());
  out.folded_ = head.folded;
  out.skipped_ = head.skipped;
  out.history_ = head.history;
  return out;
}

std::vector<std::string> Snapshots::keys() const {
  auto listed = blobs_.list(folder);
  if (!listed) return {};
  std::erase_if(*listed, [](const std::string& key) { return !folded_of(key); });
  return std::move(*listed);
}

Result<void> Snapshots::keep(store::Sequence folded, std::string_view bytes) {
  VT_CHECK(blobs_.put(key_of(folded), bytes));
  auto old = keys();
  old.resize(old.size() - std::min(old.size(), snapshots_kept));
  for (const auto& key : old) VT_CHECK(blobs_.remove(key));
  return {};
}

std::optional<Fold> Snapshots::newest(store::Sequence end) const {
  const auto all = keys();
  for (auto key = all.rbegin(); key != all.rend(); ++key) {
    if (*folded_of(*key) > end) continue;
    const auto load = [&]() -> Result<Fold> {
      VT_TRY(const auto file, blobs_.open(*key));
      VT_TRY(const auto bytes, read_whole(*file));
      return Fold::of_snapshot(bytes);
    };
    auto fold = load();
    if (fold && fold->folded() == *folded_of(*key)) return std::move(*fold);
    log::warning("feed.snapshot_refused",
                 {{"key", *key}, {"detail", fold ? "named for other records than it holds" : fold.error().message}});
  }
  return std::nullopt;
}

}  // namespace vitrine::feed
