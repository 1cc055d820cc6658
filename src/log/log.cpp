#include "log/log.hpp"

#include <atomic>
#include <charconv>

#include "base/log.hpp"
#include "log/tile_writer.hpp"

namespace vitrine::tlog {
namespace {

constexpr std::size_t group_entries_max = 4'096;
constexpr std::size_t replay_batch = 1'000;
constexpr std::size_t unwritten_bytes_max = 256 << 20;
constexpr int public_mode = 0644;
constexpr int conflicts_max = 3;  // times a witness may correct the old size in one submission
constexpr std::string_view signed_file = "/signed";
constexpr std::string_view checkpoint_file = "/checkpoint";

using SteadyClock = std::chrono::steady_clock;

std::chrono::milliseconds milliseconds(std::int64_t count) { return std::chrono::milliseconds(count); }

/// The last signed checkpoint kept in a file; nullopt if there is no file.
Result<std::optional<Checkpoint>> kept_checkpoint(const std::string& path, const VerifierKey& key) {
  const auto bytes = read_file(path, note_bytes_max);
  if (!bytes && bytes.error().code == Errc::not_found) return std::nullopt;
  if (!bytes) return std::unexpected(bytes.error());
  auto opened = open_checkpoint(*bytes, key);
  if (!opened)
    return fail(Errc::internal,
                "{} does not hold this log's last checkpoint ({}); restore it, or the key that signed it", path,
                opened.error().message);
  return opened->checkpoint;
}

std::unexpected<Error> other_tree(std::string_view what) {
  return fail(Errc::internal,
              "the log's directory holds an older or another tree than the one it last signed: {}. "
              "Restore the newest state; nothing will be signed over this one",
              what);
}

}  // namespace

/// One appender and what becomes of its entry.
struct Log::Waiting {
  enum State : std::uint32_t { queued, leads, done };
  std::string_view entry;
  std::atomic<std::uint32_t> state = queued;
  std::uint64_t index = 0;
  std::optional<Error> error;

  void set(State to) {
    state.store(to, std::memory_order_release);
    state.notify_one();
  }
};

/// What is known of one witness. Guarded by the log's mutex.
struct Log::Link {
  WitnessState state;
  std::uint64_t asked = 0;  ///< the newest submission it has answered
};

Log::Log(LogOptions options, Signer signer, Journal& journal, const Clock& clock, Descriptor lock)
    : options_(std::move(options)),
      signer_(std::move(signer)),
      journal_(journal),
      clock_(clock),
      lock_(std::move(lock)),
      writer_(std::make_unique<TileWriter>(options_.directory)) {
  for (const auto& witness : options_.policy.witnesses())
    links_.push_back(std::make_unique<Link>(Link{.state = {.name = witness.name, .trouble = "not asked yet"}}));
}

Log::~Log() {
  for (auto& thread : threads_) thread.request_stop();
}

Result<std::unique_ptr<Log>> Log::open(LogOptions options, Signer signer, Journal& journal, const Clock& clock) {
  VT_ASSERT(options.posts.size() == options.policy.witnesses().size());
  VT_CHECK(make_directories(options.directory));
  VT_TRY(auto lock, lock_file(options.directory + "/lock", "another process writes this log: stop it first"));
  std::unique_ptr<Log> log(new Log(std::move(options), std::move(signer), journal, clock, std::move(lock)));
  VT_CHECK(log->recover());
  for (std::size_t i = 0; i < log->links_.size(); ++i)
    log->threads_.emplace_back([log = log.get(), i](const std::stop_token& stop) { log->serve_witness(stop, i); });
  log->threads_.emplace_back([log = log.get()](const std::stop_token& stop) { log->publish_rounds(stop); });
  return log;
}

// ---------------------------------------------------------------------------------------------------------------
// Starting

Result<void> Log::recover() {
  VT_TRY(const auto here, kept_checkpoint(options_.directory + std::string(signed_file), key()));
  VT_TRY(const auto there, kept_checkpoint(options_.second_place, key()));
  if (!here && !there) {
    VT_CHECK(start_empty());
  } else if (here && there) {
    VT_CHECK(here->size > there->size ? restore(*here, *there) : restore(*there, *here));
  } else {
    // The first checkpoint, of an empty tree, is kept in one place before the other.
    const auto& only = here ? *here : *there;
    if (only.size > 0) return other_tree("one of the two places that hold the last checkpoint is empty");
    VT_CHECK(restore(only, only));
  }
  for (auto from = edge_.size(); from < journal_.end();) {
    VT_TRY(const auto entries, journal_.read(from, replay_batch));
    for (const auto& entry : entries) edge_.add(entry);
    from += entries.size();
  }
  return {};
}

Result<void> Log::start_empty() {
  if (journal_.end() > 0) return other_tree("it has entries and no checkpoint");
  const Checkpoint empty{.origin = key().name};
  VT_CHECK(keep_signed(empty));
  return restore(empty, empty);
}

/// Takes up the tree at the newest signed checkpoint, as the tiles on disk have it.
Result<void> Log::restore(const Checkpoint& newest, const Checkpoint& other) {
  const auto tiles = tiles_below(options_.directory);
  if (journal_.end() < newest.size) return other_tree(fmt::format("{} entries of {}", journal_.end(), newest.size));
  auto loaded = Edge::load(newest.size, tiles);
  if (!loaded) return other_tree(loaded.error().message);
  edge_ = std::move(*loaded);
  TiledTree tree(newest.size, tiles);
  const auto other_root = root_at(other.size, tree.reader());
  if (edge_.root() != newest.root || !other_root || *other_root != other.root) return other_tree("the roots differ");
  VT_CHECK(keep_signed(newest));
  signed_ = {newest.text(), {signer_.sign(newest.text(), 0)}};
  signed_size_ = newest.size;
  ++asked_;
  return {};
}

Result<void> Log::keep_signed(const Checkpoint& checkpoint) {
  const auto bytes = Note{checkpoint.text(), {signer_.sign(checkpoint.text(), 0)}}.bytes();
  const std::array<FileBytes, 2> places{
      {{options_.second_place, bytes}, {options_.directory + std::string(signed_file), bytes}}};
  VT_CHECK(replace_files(places));
  // One of the two survives a power cut for certain; the journal gives the same tree again in either case.
  return sync_directory(directory_of(options_.second_place));
}

// ---------------------------------------------------------------------------------------------------------------
// Appending

Result<std::uint64_t> Log::append(std::string_view entry) {
  if (entry.empty()) return fail(Errc::invalid_argument, "an entry is empty");
  if (entry.size() > entry_bytes_max)
    return fail(Errc::too_large, "an entry of {} bytes; at most {}", entry.size(), entry_bytes_max);
  Waiting own{.entry = entry};
  {
    std::unique_lock lock(mutex_);
    if (edge_.waiting_bytes() > unwritten_bytes_max)
      return fail(Errc::unavailable, "the log cannot write its tiles; make room on its disk");
    queue_.push_back(&own);
    if (!std::exchange(leading_, true)) own.state = Waiting::leads;
  }
  own.state.wait(Waiting::queued, std::memory_order_acquire);
  if (own.state == Waiting::leads) {
    std::unique_lock lock(mutex_);
    lead(lock, own);
  }
  if (own.error) return std::unexpected(*own.error);
  return own.index;
}

/// Writes what is queued, `own` among it, for everybody; then passes the lead on.
void Log::lead(std::unique_lock<std::mutex>& lock, Waiting& own) {
  std::vector<Waiting*> group;
  if (queue_.size() <= group_entries_max) {
    group.swap(queue_);
  } else {
    const auto end = queue_.begin() + group_entries_max;
    group.assign(queue_.begin(), end);
    queue_.erase(queue_.begin(), end);
  }
  lock.unlock();
  std::vector<std::string_view> entries;
  std::vector<Hash> leaves;
  for (const auto* waiting : group) {
    entries.push_back(waiting->entry);
    leaves.push_back(leaf_hash(waiting->entry));
  }
  const auto first = journal_.append(entries);
  lock.lock();
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (first) {
      group[i]->index = *first + i;
      edge_.add(entries[i], leaves[i]);
    } else {
      group[i]->error = first.error();
    }
  }
  VT_ASSERT(!first || *first + group.size() == edge_.size());
  Waiting* next = queue_.empty() ? nullptr : queue_.front();
  leading_ = next != nullptr;
  changed_.notify_all();
  lock.unlock();
  // Whoever is told may be gone at once; waking by address touches nothing of it.
  if (next) next->set(Waiting::leads);
  for (auto* waiting : group)
    if (waiting != &own) waiting->set(Waiting::done);
}

std::uint64_t Log::size() const {
  std::lock_guard lock(mutex_);
  return edge_.size();
}

// ---------------------------------------------------------------------------------------------------------------
// Publishing

/// Enough have cosigned what is signed, or one more has.
bool Log::may_publish() const {
  if (witnessed_) return cosignatures_came_;
  std::set<std::size_t> present;
  for (const auto& [witness, line] : cosignatures_) present.insert(witness);
  return options_.policy.satisfied_by(present);
}

bool Log::round_is_due() const {
  if (!witnessed_) return false;
  const auto since = SteadyClock::now() - last_round_;
  if (edge_.size() > signed_size_ && (wanting_ > 0 || since >= milliseconds(options_.interval_ms))) return true;
  return since >= milliseconds(options_.refresh_ms);
}

void Log::publish_rounds(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    // Looked at again within an interval: what becomes due by time alone is noticed then.
    const auto look_again = milliseconds(std::min(options_.interval_ms, options_.retry_ms) / 2 + 1);
    changed_.wait_for(lock, stop, look_again, [this] { return may_publish() || round_is_due(); });
    if (stop.stop_requested()) return;
    Result<void> done;
    if (may_publish())
      done = publish(lock);
    else if (round_is_due())
      done = run_round(lock);
    if (done) continue;
    log::error("log.round_failed", {{"error", done.error().message}});
    changed_.wait_for(lock, stop, milliseconds(options_.retry_ms), [] { return false; });
  }
}

/// With the lock held, which it gives up while the disk works; so does publish().
Result<void> Log::run_round(std::unique_lock<std::mutex>& lock) {
  // Of a round that failed, only full tiles are still wanted: the partial ones come again, as they are now.
  std::erase_if(unwritten_, [](const TileBytes& one) { return one.tile.width < tile_width; });
  for (auto& tile : edge_.take_tiles()) unwritten_.push_back(std::move(tile));
  const Checkpoint next{.origin = key().name, .size = edge_.size(), .root = edge_.root()};
  lock.unlock();
  auto kept = writer_->write(unwritten_);
  if (kept) {
    unwritten_.clear();
    kept = keep_signed(next);
  }
  if (kept) kept = journal_.drop_before(next.size);
  lock.lock();
  VT_CHECK(kept);
  signed_ = {next.text(), {signer_.sign(next.text(), 0)}};
  signed_size_ = next.size;
  cosignatures_.clear();
  witnessed_ = false;
  ++asked_;
  last_round_ = SteadyClock::now();
  changed_.notify_all();
  return {};
}

Result<void> Log::publish(std::unique_lock<std::mutex>& lock) {
  Note note = signed_;
  for (const auto& [witness, cosignature] : cosignatures_) note.signatures.push_back(cosignature);
  cosignatures_came_ = false;
  const auto size = signed_size_;
  auto bytes = note.bytes();
  lock.unlock();
  const auto written = publish_file(options_.directory + std::string(checkpoint_file), bytes, public_mode);
  lock.lock();
  VT_CHECK(written);
  published_ = std::move(bytes);
  published_size_ = size;
  witnessed_ = true;
  changed_.notify_all();
  return {};
}

std::string Log::checkpoint() const {
  std::lock_guard lock(mutex_);
  return published_;
}

std::string Log::trouble() const {
  std::string out;
  for (const auto& link : links_)
    if (!link->state.trouble.empty())
      out += fmt::format("{}{}: {}", out.empty() ? "" : "; ", link->state.name, link->state.trouble);
  return out.empty() ? "the log is busy" : out;
}

std::vector<Log::WitnessState> Log::witnesses() const {
  std::lock_guard lock(mutex_);
  std::vector<WitnessState> out;
  for (const auto& link : links_) out.push_back(link->state);
  return out;
}

Result<LogProof> Log::prove(std::uint64_t index, std::int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  if (index >= edge_.size()) return fail(Errc::invalid_argument, "the log has no entry {}", index);
  ++wanting_;
  changed_.notify_all();
  const bool there = changed_.wait_for(lock, milliseconds(timeout_ms), [&] { return published_size_ > index; });
  --wanting_;
  if (!there) return fail(Errc::unavailable, "no witnessed checkpoint within {} ms ({})", timeout_ms, trouble());
  LogProof proof{.index = index, .checkpoint = published_};
  TiledTree tree(published_size_, tiles_below(options_.directory));
  lock.unlock();
  VT_TRY(proof.hashes, prove_inclusion(index, tree.size(), tree.reader()));
  return proof;
}

// ---------------------------------------------------------------------------------------------------------------
// Witnesses

namespace {

/// One submission to one witness, corrected as often as the witness says what it has seen.
struct Submission {
  const std::string& directory;
  const WitnessPost& post;
  const VerifierKey& key;
  const Note& checkpoint;
  std::uint64_t size;

  Result<NoteSignature> run(std::uint64_t& seen) const {
    for (int attempt = 0; attempt < conflicts_max; ++attempt) {
      VT_TRY(const auto answer, ask(seen));
      if (answer.status == 200) return cosignature_in(answer.body);
      if (answer.status != 409)
        return fail(Errc::unavailable, "it answered {}: {}", answer.status, first_line(answer.body));
      VT_TRY(seen, size_in(answer.body));
      if (seen > size)
        return fail(Errc::conflict, "it says it has seen {} entries of {}: either it lies, or this log was set back",
                    seen, size);
    }
    return fail(Errc::unavailable, "it corrects the size again and again");
  }

 private:
  Result<WitnessAnswer> ask(std::uint64_t seen) const {
    TiledTree tree(size, tiles_below(directory));
    VT_TRY(auto proof, prove_consistency(seen, size, tree.reader()));
    return post(AddCheckpoint{seen, std::move(proof), checkpoint.bytes()}.text());
  }

  Result<NoteSignature> cosignature_in(std::string_view body) const {
    while (!body.empty()) {
      const auto end = std::min(body.find('\n'), body.size() - 1);
      const auto line = parse_signature_line(body.substr(0, end + 1));
      body.remove_prefix(end + 1);
      if (line && line->name == key.name && line->id == key.id && verify(*line, checkpoint.text, key)) return *line;
    }
    return fail(Errc::forbidden, "its cosignature does not hold");
  }

  static Result<std::uint64_t> size_in(std::string_view body) {
    std::uint64_t out = 0;
    const auto digits = body.substr(0, body.find('\n'));
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.empty() || out > tree_size_max)
      return fail(Errc::unavailable, "it answered 409 without a size");
    return out;
  }

  static std::string first_line(std::string_view body) {
    return std::string(body.substr(0, std::min<std::size_t>(body.find('\n'), 200)));
  }
};

}  // namespace

void Log::serve_witness(const std::stop_token& stop, std::size_t witness) {
  auto& link = *links_[witness];
  std::uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, stop, [&] { return link.asked < asked_; });
    if (stop.stop_requested()) return;
    const auto asked = asked_;
    const auto size = signed_size_;
    const Note checkpoint = signed_;
    lock.unlock();
    const auto cosignature = Submission{options_.directory, options_.posts[witness],
                                        options_.policy.witnesses()[witness].key, checkpoint, size}
                                 .run(seen);
    if (cosignature) seen = size;
    lock.lock();
    if (cosignature) {
      link.state = {link.state.name, "", size};
      link.asked = asked;
      if (asked == asked_) {
        cosignatures_[witness] = *cosignature;
        cosignatures_came_ = true;
        changed_.notify_all();
      }
      continue;
    }
    if (link.state.trouble != cosignature.error().message)
      log::warning("log.witness", {{"witness", link.state.name}, {"error", cosignature.error().message}});
    link.state.trouble = cosignature.error().message;
    seen = std::min(seen, size);
    changed_.wait_for(lock, stop, milliseconds(options_.retry_ms), [] { return false; });
    if (stop.stop_requested()) return;
  }
}

}  // namespace vitrine::tlog
