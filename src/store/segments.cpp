// A stream as checksummed segment files; docs/formats/stream.md describes every byte.
//
// Concurrency: appenders queue; the first becomes the leader, writes all that is queued with one write and one
// fdatasync, and wakes the rest (group commit). Readers use pread on descriptors that live as long as the stream.
#include <charconv>
#include <condition_variable>
#include <deque>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "store/stream.hpp"

namespace vitrine::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "VTSEG001";
constexpr std::int64_t segment_header_bytes = 16;  // magic, first sequence
constexpr std::int64_t record_header_bytes = 16;   // length, CRC-32, sequence
constexpr std::size_t index_stride = 64;           // records between two remembered offsets
constexpr std::size_t group_bytes_max = 8 << 20;   // one group commit writes no more

template <class T>
void put_little_endian(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>((value >> (8 * i)) & 0xff);
}

template <class T>
T little_endian(const char* bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

/// Over the sequence as stored, then the data: a record in another's place does not pass.
std::uint32_t checksum(const char* sequence_bytes, std::string_view data) {
  uLong crc = crc32(0, reinterpret_cast<const Bytef*>(sequence_bytes), sizeof(Sequence));
  crc = crc32_z(crc, reinterpret_cast<const Bytef*>(data.data()), data.size());
  return static_cast<std::uint32_t>(crc);
}

void encode(std::string& out, Sequence sequence, std::string_view data) {
  std::string sequence_bytes;
  put_little_endian(sequence_bytes, sequence);
  put_little_endian(out, static_cast<std::uint32_t>(data.size()));
  put_little_endian(out, checksum(sequence_bytes.data(), data));
  out += sequence_bytes;
  out += data;
}

Result<void> write_all(int fd, std::string_view bytes, std::int64_t offset) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(fd, bytes.data(), bytes.size(), offset);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return std::unexpected(system_error("writing the stream", errno));
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    offset += wrote;
  }
  return {};
}

/// Up to `size` bytes from `offset`; fewer only at the end of the file.
Result<std::string> read_at(int fd, std::int64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = ::pread(fd, bytes.data() + got, size - got, offset + static_cast<std::int64_t>(got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(system_error("reading the stream", errno));
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

struct Segment {
  Sequence first = 0;
  int fd = -1;
  std::vector<std::int64_t> offsets;  ///< of every index_stride-th record

  Segment(Sequence first_sequence, int descriptor) : first(first_sequence), fd(descriptor) {}
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  ~Segment() { ::close(fd); }
};

std::string segment_name(Sequence first) { return fmt::format("{:020}.seg", first); }

/// Walks records from an offset; says where and why it stopped.
class Reader {
 public:
  Reader(int fd, std::int64_t offset, Sequence next) : fd_(fd), offset_(offset), next_(next) {}

  enum class Step { record, end, damaged };
  Result<Step> step(std::string_view& data) {
    VT_CHECK(fill(static_cast<std::size_t>(record_header_bytes)));
    const std::size_t left = buffer_.size() - at_;
    if (left == 0) return Step::end;
    if (left < static_cast<std::size_t>(record_header_bytes)) return Step::damaged;
    const auto length = little_endian<std::uint32_t>(buffer_.data() + at_);
    if (length > record_bytes_max) return Step::damaged;
    const std::size_t whole = static_cast<std::size_t>(record_header_bytes) + length;
    VT_CHECK(fill(whole));
    if (buffer_.size() - at_ < whole) return Step::damaged;
    const char* header = buffer_.data() + at_;
    data = std::string_view(header + record_header_bytes, length);
    if (little_endian<Sequence>(header + 8) != next_ ||
        little_endian<std::uint32_t>(header + 4) != checksum(header + 8, data))
      return Step::damaged;
    at_ += whole;
    offset_ += static_cast<std::int64_t>(whole);
    ++next_;
    return Step::record;
  }
  [[nodiscard]] std::int64_t offset() const { return offset_; }  ///< past the last good record
  [[nodiscard]] Sequence next() const { return next_; }

 private:
  /// Makes `want` bytes available at at_, unless the file ends before.
  Result<void> fill(std::size_t want) {
    if (buffer_.size() - at_ >= want) return {};
    constexpr std::size_t piece = 256 << 10;
    VT_TRY(buffer_, read_at(fd_, offset_, std::max(want, piece)));
    at_ = 0;
    return {};
  }

  int fd_;
  std::int64_t offset_;
  Sequence next_;
  std::string buffer_;
  std::size_t at_ = 0;
};

class Segments final : public Stream {
 public:
  Segments(std::string directory, StreamOptions options) : directory_(std::move(directory)), options_(options) {}
  ~Segments() override {
    if (lock_ >= 0) ::close(lock_);
  }

  Result<void> open() {
    if (!options_.read_only) {
      std::error_code error;
      fs::create_directories(directory_, error);
      if (error) return fail(Errc::internal, "cannot make {}: {}", directory_, error.message());
      VT_CHECK(lock());
    }
    VT_TRY(const auto firsts, segments_on_disk());
    if (!firsts.empty()) end_ = firsts.front();  // what came before was given up
    for (std::size_t i = 0; i < firsts.size(); ++i) VT_CHECK(load(firsts[i], i + 1 == firsts.size()));
    if (segments_.empty() && !options_.read_only) VT_CHECK(start_segment());
    return {};
  }

  Result<Sequence> append(std::span<const std::string_view> records) override {
    if (options_.read_only) return fail(Errc::forbidden, "the stream is open for reading only");
    Waiting mine{.records = records};
    for (const auto record : records) {
      if (record.size() > record_bytes_max)
        return fail(Errc::too_large, "a record of {} bytes; at most {}", record.size(), record_bytes_max);
    }
    std::unique_lock lock(mutex_);
    if (records.empty()) return end_;
    queue_.push_back(&mine);
    while (!mine.done) {
      if (leading_)
        woken_.wait(lock);
      else
        lead(lock);
    }
    if (mine.error) return std::unexpected(*mine.error);
    return mine.first;
  }

  Result<std::vector<Record>> read(Sequence from, std::size_t limit) const override {
    std::vector<Record> records;
    const Sequence end = this->end();
    while (from < end && records.size() < limit) {
      VT_TRY(auto place, find(from));
      Reader reader(place.segment->fd, place.offset, place.sequence);
      while (reader.next() < end && records.size() < limit) {
        const Sequence sequence = reader.next();
        std::string_view data;
        VT_TRY(const auto step, reader.step(data));
        if (step == Reader::Step::end) break;  // the next segment goes on
        if (step == Reader::Step::damaged) return damaged(*place.segment, reader.offset());
        if (sequence >= from) records.push_back({sequence, std::string(data)});
      }
      if (reader.next() <= from) return damaged(*place.segment, reader.offset());
      from = reader.next();
    }
    return records;
  }

  Sequence begin() const override {
    std::lock_guard lock(segments_mutex_);
    return segments_.empty() ? 0 : segments_.front()->first;
  }

  Sequence end() const override {
    std::lock_guard lock(mutex_);
    return end_;
  }

  Result<void> drop_before(Sequence sequence) override {
    std::vector<Sequence> dropped;
    {
      std::lock_guard lock(segments_mutex_);
      while (segments_.size() > 1 && segments_[1]->first <= sequence) {
        dropped.push_back(segments_.front()->first);
        segments_.erase(segments_.begin());
      }
    }
    // Oldest first: what a crash leaves has no gap.
    for (const auto first : dropped) {
      if (::unlink((directory_ + "/" + segment_name(first)).c_str()) != 0)
        return std::unexpected(system_error("removing a segment", errno));
    }
    return {};
  }

  bool wait(Sequence after, std::int64_t timeout_ms) const override {
    std::unique_lock lock(mutex_);
    return grown_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return end_ > after; });
  }

 private:
  struct Waiting {
    std::span<const std::string_view> records;
    bool done = false;
    Sequence first = 0;
    std::optional<Error> error;
  };

  struct Place {
    std::shared_ptr<Segment> segment;
    std::int64_t offset;
    Sequence sequence;
  };

  std::unexpected<Error> damaged(const Segment& segment, std::int64_t offset) const {
    return fail(Errc::internal, "the stream is damaged: {}/{} at byte {}; restore it from a backup", directory_,
                segment_name(segment.first), offset);
  }

  Result<void> lock() {
    lock_ = ::open((directory_ + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) return std::unexpected(system_error("opening the stream's lock", errno));
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0)
      return fail(Errc::conflict, "another process holds the stream {}: stop it first", directory_);
    return {};
  }

  Result<std::vector<Sequence>> segments_on_disk() const {
    std::vector<Sequence> firsts;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory_, error)) {
      const std::string name = entry.path().filename().string();
      Sequence first = 0;
      const auto parsed = std::from_chars(name.data(), name.data() + name.size(), first);
      if (parsed.ec == std::errc() && name == segment_name(first)) firsts.push_back(first);
    }
    if (error) return fail(Errc::internal, "cannot list {}: {}", directory_, error.message());
    std::ranges::sort(firsts);
    return firsts;
  }

  /// Reads one segment through, and cuts a torn tail off the last.
  Result<void> load(Sequence first, bool last) {
    const int fd =
        ::open((directory_ + "/" + segment_name(first)).c_str(), (options_.read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (fd < 0) return std::unexpected(system_error("opening a segment", errno));
    auto segment = std::make_shared<Segment>(first, fd);
    VT_TRY(const std::string header, read_at(fd, 0, segment_header_bytes));
    if (last && header.size() < static_cast<std::size_t>(segment_header_bytes) && first == end_)
      return options_.read_only ? Result<void>() : rewrite_header(segment);
    if (!header.starts_with(magic) || header.size() < static_cast<std::size_t>(segment_header_bytes) ||
        little_endian<Sequence>(header.data() + 8) != first || first != end_)
      return damaged(*segment, 0);
    Reader reader(fd, segment_header_bytes, first);
    Reader::Step step = Reader::Step::record;
    std::string_view data;
    while (step == Reader::Step::record) {
      if ((reader.next() - first) % index_stride == 0) segment->offsets.push_back(reader.offset());
      VT_TRY(step, reader.step(data));
    }
    if (step == Reader::Step::damaged) VT_CHECK(cut_torn_tail(*segment, reader, last));
    end_ = reader.next();
    tail_ = reader.offset();
    segments_.push_back(std::move(segment));
    return {};
  }

  /// A crash between creating a segment and writing its header leaves it short and empty.
  Result<void> rewrite_header(std::shared_ptr<Segment> segment) {
    VT_CHECK(write_header(*segment));
    tail_ = segment_header_bytes;
    segments_.push_back(std::move(segment));
    return {};
  }

  /// What follows the last good record may only be the rest of one unacknowledged append: no good record comes after
  /// it.
  Result<void> cut_torn_tail(const Segment& segment, const Reader& reader, bool last) {
    if (!last) return damaged(segment, reader.offset());
    VT_TRY(const std::string rest, read_at(segment.fd, reader.offset(), group_bytes_max + record_bytes_max + 1));
    if (rest.size() > group_bytes_max + record_bytes_max || holds_later_record(rest, reader.next()))
      return damaged(segment, reader.offset());
    if (options_.read_only) return {};  // or an append that is under way just now
    if (::ftruncate(segment.fd, reader.offset()) != 0 || ::fdatasync(segment.fd) != 0)
      return std::unexpected(system_error("cutting a torn tail", errno));
    return {};
  }

  static bool holds_later_record(std::string_view rest, Sequence next) {
    for (std::size_t at = 1; at + record_header_bytes <= rest.size(); ++at) {
      const char* header = rest.data() + at;
      const auto length = little_endian<std::uint32_t>(header);
      const auto sequence = little_endian<Sequence>(header + 8);
      if (sequence <= next || sequence > next + rest.size() || length > rest.size() - at - record_header_bytes)
        continue;
      if (little_endian<std::uint32_t>(header + 4) == checksum(header + 8, {header + record_header_bytes, length}))
        return true;
    }
    return false;
  }

  static Result<void> write_header(const Segment& segment) {
    std::string header(magic);
    put_little_endian(header, segment.first);
    if (::ftruncate(segment.fd, 0) != 0) return std::unexpected(system_error("starting a segment", errno));
    VT_CHECK(write_all(segment.fd, header, 0));
    if (::fdatasync(segment.fd) != 0) return std::unexpected(system_error("syncing a segment", errno));
    return {};
  }

  Result<void> start_segment() {
    const std::string path = directory_ + "/" + segment_name(end_);
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return std::unexpected(system_error("starting a segment", errno));
    auto segment = std::make_shared<Segment>(end_, fd);
    VT_CHECK(write_header(*segment));
    const int directory = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = directory >= 0 && ::fsync(directory) == 0;
    if (directory >= 0) ::close(directory);
    if (!synced) return std::unexpected(system_error("syncing the stream's directory", errno));
    std::lock_guard lock(segments_mutex_);
    tail_ = segment_header_bytes;
    segments_.push_back(std::move(segment));
    return {};
  }

  /// Writes what is queued, for everybody. Called with the lock held; gives it up while the disk works.
  void lead(std::unique_lock<std::mutex>& lock) {
    leading_ = true;
    std::vector<Waiting*> group;
    std::string bytes;
    std::vector<std::int64_t> offsets;  // of every record in `bytes`
    Sequence next = end_;
    while (!queue_.empty() && bytes.size() < group_bytes_max) {
      auto* waiting = queue_.front();
      queue_.pop_front();
      waiting->first = next;
      for (const auto record : waiting->records) {
        offsets.push_back(static_cast<std::int64_t>(bytes.size()));
        encode(bytes, next++, record);
      }
      group.push_back(waiting);
    }
    lock.unlock();
    const auto written = commit(bytes, offsets);
    lock.lock();
    for (auto* waiting : group) {
      waiting->done = true;
      if (!written) waiting->error = written.error();
    }
    if (written) end_ = next;
    leading_ = false;
    woken_.notify_all();
    grown_.notify_all();
  }

  Result<void> commit(std::string_view bytes, const std::vector<std::int64_t>& offsets) {
    if (broken_) return fail(Errc::unavailable, "the stream cannot be written since a disk error; restart the service");
    if (tail_ + static_cast<std::int64_t>(bytes.size()) > options_.segment_bytes_max && tail_ > segment_header_bytes)
      VT_CHECK(start_segment());
    const auto segment = newest();
    auto result = write_all(segment->fd, bytes, tail_);
    if (result && ::fdatasync(segment->fd) != 0) {
      // After a failed sync the kernel may have dropped the pages: what is on disk is unknown until it is read again.
      broken_ = true;
      result = std::unexpected(system_error("syncing the stream", errno));
    }
    if (!result) {
      if (::ftruncate(segment->fd, tail_) != 0) broken_ = true;
      return result;
    }
    remember(*segment, offsets);
    tail_ += static_cast<std::int64_t>(bytes.size());
    return {};
  }

  void remember(Segment& segment, const std::vector<std::int64_t>& offsets) {
    std::lock_guard lock(segments_mutex_);
    Sequence sequence = committed_;
    for (const auto offset : offsets) {
      if ((sequence++ - segment.first) % index_stride == 0) segment.offsets.push_back(tail_ + offset);
    }
    committed_ = sequence;
  }

  [[nodiscard]] std::shared_ptr<Segment> newest() const {
    std::lock_guard lock(segments_mutex_);
    return segments_.back();
  }

  Result<Place> find(Sequence sequence) const {
    std::lock_guard lock(segments_mutex_);
    if (sequence < segments_.front()->first)
      return fail(Errc::gone, "records before {} are no longer kept", segments_.front()->first);
    auto after = std::ranges::upper_bound(segments_, sequence, {}, [](const auto& s) { return s->first; });
    VT_ASSERT(after != segments_.begin());
    const auto& segment = *std::prev(after);
    const auto slot = static_cast<std::size_t>((sequence - segment->first) / index_stride);
    VT_ASSERT(slot < segment->offsets.size());
    return Place{segment, segment->offsets[slot], segment->first + slot * index_stride};
  }

  std::string directory_;
  StreamOptions options_;
  int lock_ = -1;

  mutable std::mutex mutex_;  // queue_, leading_, end_
  mutable std::condition_variable woken_, grown_;
  std::deque<Waiting*> queue_;
  bool leading_ = false;
  Sequence end_ = 0;

  // Only the leader (or open) writes these; segments_mutex_ guards what readers also see.
  mutable std::mutex segments_mutex_;
  std::vector<std::shared_ptr<Segment>> segments_;
  Sequence committed_ = 0;
  std::int64_t tail_ = 0;  ///< where the next record goes in the last segment
  bool broken_ = false;

  friend Result<std::unique_ptr<Stream>> vitrine::store::open_segments(const std::string&, StreamOptions);
  void ready() { committed_ = end_; }
};

}  // namespace

Result<std::unique_ptr<Stream>> open_segments(const std::string& directory, StreamOptions options) {
  auto stream = std::make_unique<Segments>(directory, options);
  VT_CHECK(stream->open());
  stream->ready();
  return stream;
}

}  // namespace vitrine::store
