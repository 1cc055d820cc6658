#include <array>
#include <cstring>

#include "store/stream.hpp"
#include "store/testing.hpp"

namespace vitrine::store {
namespace {

using testing::TemporaryFolder;
namespace fs = std::filesystem;

std::unique_ptr<Stream> opened(const std::string& directory, std::int64_t segment_bytes_max = 64 << 20) {
  auto stream = open_segments(directory, {.segment_bytes_max = segment_bytes_max});
  EXPECT_TRUE(stream) << stream.error().message;
  return stream ? std::move(*stream) : nullptr;
}

Sequence append(Stream& stream, std::string_view data) {
  const std::array one = {data};
  const auto at = stream.append(one);
  EXPECT_TRUE(at) << at.error().message;
  return at.value_or(0);
}

std::vector<std::string> all_of(const Stream& stream) {
  std::vector<std::string> all;
  while (all.size() < stream.end()) {
    const auto some = stream.read(all.size(), 7);
    if (!some || some->empty()) break;
    for (const auto& record : *some) {
      EXPECT_EQ(record.sequence, all.size());
      all.push_back(record.data);
    }
  }
  return all;
}

std::vector<fs::path> segments(const std::string& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".seg") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

TEST(Segments, give_back_what_was_appended_in_order_and_after_reopening) {
  const TemporaryFolder folder;
  const std::vector<std::string> data = {"one", "", std::string(100'000, 'x'), std::string("\0\n\xff", 3)};
  {
    const auto stream = opened(folder / "s");
    for (const auto& one : data) append(*stream, one);
    EXPECT_EQ(all_of(*stream), data);
  }
  const auto again = opened(folder / "s");
  EXPECT_EQ(all_of(*again), data);
  EXPECT_EQ(append(*again, "next"), data.size());
}

TEST(Segments, a_batch_gets_consecutive_places) {
  const TemporaryFolder folder;
  const auto stream = opened(folder / "s");
  append(*stream, "first");
  const std::array<std::string_view, 3> batch = {"a", "b", "c"};
  EXPECT_EQ(stream->append(batch).value_or(99), 1u);
  EXPECT_EQ(stream->end(), 4u);
}

TEST(Segments, many_writers_lose_nothing) {
  const TemporaryFolder folder;
  const auto stream = opened(folder / "s", 4096);
  {
    std::vector<std::jthread> all;
    for (int writer = 0; writer < 8; ++writer) {
      all.emplace_back([&, writer] {
        for (int i = 0; i < 50; ++i) append(*stream, std::to_string(writer) + "/" + std::to_string(i));
      });
    }
  }
  auto got = all_of(*stream);
  EXPECT_EQ(got.size(), 400u);
  std::ranges::sort(got);
  EXPECT_EQ(std::ranges::unique(got).size(), 0u);
  EXPECT_GT(segments(folder / "s").size(), 1u) << "segments are closed when they are full";
}

TEST(Segments, one_process_at_a_time) {
  const TemporaryFolder folder;
  const auto stream = opened(folder / "s");
  const auto second = open_segments(folder / "s");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::conflict);
}

TEST(Segments, a_record_that_is_too_large_is_refused_and_nothing_is_written) {
  const TemporaryFolder folder;
  const auto stream = opened(folder / "s");
  const std::string large(record_bytes_max + 1, 'x');
  const std::array<std::string_view, 2> batch = {"small", large};
  const auto refused = stream->append(batch);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::too_large);
  EXPECT_EQ(stream->end(), 0u);
}

/// Cuts the file at every length within the last record: what a power cut can leave of an append.
TEST(Segments, a_torn_tail_is_cut_off_and_what_was_before_stays) {
  const TemporaryFolder folder;
  std::uintmax_t before = 0;
  {
    const auto stream = opened(folder / "s");
    append(*stream, "first");
    append(*stream, "second");
    before = fs::file_size(segments(folder / "s").at(0));
    append(*stream, "the torn one");
  }
  const auto whole = fs::file_size(segments(folder / "s").at(0));
  ASSERT_GT(whole, before);
  for (auto length = before; length < whole; ++length) {
    fs::remove_all(folder / "t");
    fs::copy(folder / "s", folder / "t");
    fs::resize_file(segments(folder / "t").at(0), length);
    const auto stream = opened(folder / "t");
    ASSERT_TRUE(stream) << length;
    EXPECT_EQ(all_of(*stream), (std::vector<std::string>{"first", "second"})) << length;
    append(*stream, "after");
    EXPECT_EQ(all_of(*stream).back(), "after");
  }
}

/// Any flipped byte before the last record must be noticed, never read as data.
TEST(Segments, damage_before_the_end_is_an_error_and_never_data) {
  const TemporaryFolder folder;
  {
    const auto stream = opened(folder / "s");
    for (const char* data : {"first", "second", "third"}) append(*stream, data);
  }
  const auto size = fs::file_size(segments(folder / "s").at(0));
  const std::vector<std::string> truth = {"first", "second", "third"};
  int refused = 0;
  for (std::uintmax_t at = 0; at < size; ++at) {
    fs::remove_all(folder / "t");
    fs::copy(folder / "s", folder / "t");
    std::fstream file(segments(folder / "t").at(0), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(file.get() ^ 0x20);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
    file.close();
    const auto stream = open_segments(folder / "t");
    if (!stream) {
      ++refused;
      continue;
    }
    const auto got = all_of(**stream);
    ASSERT_LE(got.size(), truth.size());
    EXPECT_TRUE(std::equal(got.begin(), got.end(), truth.begin())) << "byte " << at << " was read as data";
  }
  EXPECT_GT(refused, 0);
}

TEST(Segments, waiting_ends_with_the_next_record_or_the_time) {
  const TemporaryFolder folder;
  const auto stream = opened(folder / "s");
  EXPECT_FALSE(stream->wait(0, 10));
  std::jthread later([&] { append(*stream, "x"); });
  EXPECT_TRUE(stream->wait(0, 5'000));
}

TEST(Segments, what_is_given_up_goes_by_whole_segments_and_the_rest_stays) {
  const TemporaryFolder folder;
  constexpr Sequence count = 20, kept_from = 11;
  {
    const auto stream = opened(folder / "s", 300);
    for (Sequence i = 0; i < count; ++i) append(*stream, fmt::format("{:0100}", i));
    const auto before = segments(folder / "s").size();
    ASSERT_TRUE(stream->drop_before(kept_from));
    EXPECT_LT(segments(folder / "s").size(), before);
    EXPECT_GT(stream->begin(), 0u);
    EXPECT_LE(stream->begin(), kept_from);
    const auto gone = stream->read(0, 1);
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, Errc::gone);
  }
  const auto again = opened(folder / "s", 300);
  EXPECT_EQ(again->end(), count);
  const auto rest = again->read(kept_from, count);
  ASSERT_TRUE(rest && rest->size() == count - kept_from);
  EXPECT_EQ(rest->front().data, fmt::format("{:0100}", kept_from));
  EXPECT_EQ(append(*again, "next"), count);
  ASSERT_TRUE(again->drop_before(1'000'000)) << "the newest segment always stays";
  EXPECT_EQ(append(*again, "and on"), count + 1);
}

}  // namespace
}  // namespace vitrine::store
