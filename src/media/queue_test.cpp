#include "media/queue.hpp"

#include <condition_variable>
#include <unistd.h>

#include "media/test_clips.hpp"

namespace vitrine::media {
namespace {

using test::Folder;
using test::make_clip;

constexpr auto patience = std::chrono::seconds(120);

class Recorder final : public Publisher {
 public:
  void progress(const std::string& video, const Progress& progress) override {
    const std::lock_guard lock(mutex_);
    states_[video].push_back(progress);
    changed_.notify_all();
  }
  Result<void> publish(const Published& published) override {
    const std::lock_guard lock(mutex_);
    if (removed_ == published.video) return fail(Errc::not_found, "no such video");
    published_[published.video].push_back(published);
    order_.push_back(published.video);
    changed_.notify_all();
    return {};
  }
  Result<void> refuse(const std::string& video, const std::string& code, const std::string& detail) override {
    const std::lock_guard lock(mutex_);
    refused_[video] = code + ": " + detail;
    changed_.notify_all();
    return {};
  }

  bool wait(const std::function<bool(Recorder&)>& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return condition(*this); });
  }
  bool wait_ended(const std::string& video) {
    return wait([&](Recorder& all) {
      const auto& seen = all.states_[video];
      return !seen.empty() &&
             (seen.back().state == Progress::State::done || seen.back().state == Progress::State::failed);
    });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::vector<Progress>> states_;
  std::map<std::string, std::vector<Published>> published_;
  std::map<std::string, std::string> refused_;
  std::vector<std::string> order_;
  std::string removed_;
};

class QueueTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = store::open_sqlite(folder_ / "db").value();
    blobs_ = store::open_file_blobs(folder_ / "blobs").value();
    make_clip("-f lavfi -i testsrc2=s=320x180:r=25:d=1 -f lavfi -i sine=d=1 -c:v libx264 -preset ultrafast -c:a aac",
              folder_ / "clip.mp4");
  }

  /// Puts a clip into the store as if it were another video's rendition.
  std::string lend_clip() {
    std::filesystem::copy_file(folder_ / "clip.mp4", folder_ / "lent.mp4");
    EXPECT_TRUE(blobs_->put_file("media/other/best.mp4", folder_ / "lent.mp4"));
    return "media/other/best.mp4";
  }

  std::unique_ptr<Queue> open(QueueOptions options = {}) {
    options.work_directory = folder_ / "work";
    options.pause_ms = 50;
    return Queue::open(*database_, *blobs_, clock_, recorder_, options).value();
  }
  /// A copy of the clip whose bytes differ from every other's.
  NewJob job(const std::string& account) {
    const std::string video = new_id(++made_);
    const std::string path = folder_ / (video + ".mp4");
    std::filesystem::copy_file(folder_ / "clip.mp4", path);
    std::ofstream(path, std::ios::app | std::ios::binary) << std::string(
                                                                 "\0\0\0\x22"
                                                                 "free",
                                                                 8)
                                                          << video;
    return {video, account, path, ""};
  }

  Folder folder_;
  SystemClock clock_;
  Recorder recorder_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Blobs> blobs_;
  TimeMs made_ = 1'700'000'000'000;
};

TEST_F(QueueTest, publishes_the_first_rung_then_everything_and_removes_the_original) {
  auto queue = open();
  const NewJob upload = job("anna");
  ASSERT_TRUE(queue->enqueue(upload));
  ASSERT_TRUE(queue->enqueue(upload));  // again: nothing new
  EXPECT_EQ(queue->depth().value(), 1);
  ASSERT_TRUE(queue->start());
  ASSERT_TRUE(recorder_.wait_ended(upload.video));
  const auto& stages = recorder_.published_[upload.video];
  ASSERT_EQ(stages.size(), 2u);
  EXPECT_FALSE(stages[0].complete);
  EXPECT_EQ(stages[0].sources.size(), 1u);
  EXPECT_TRUE(stages[0].hls_key.empty());
  EXPECT_TRUE(stages[1].complete);
  EXPECT_FALSE(stages[1].hls_key.empty());
  ASSERT_TRUE(stages[1].preview);
  for (const std::string& key : {stages[0].sources[0].key, stages[0].poster_key, stages[0].thumbnail_key,
                                 stages[1].hls_key, stages[1].preview->key}) {
    EXPECT_TRUE(blobs_->open(key)) << key;
  }
  EXPECT_FALSE(std::filesystem::exists(upload.path));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "work"));
  EXPECT_EQ(queue->progress(upload.video)->state, Progress::State::done);
}

TEST_F(QueueTest, refuses_the_same_file_of_the_same_account_once_more) {
  auto queue = open({.work_directory = {}, .workers = 2});
  const NewJob first = job("anna");
  NewJob again = job("anna");
  NewJob other = job("ben");
  std::filesystem::copy_file(first.path, again.path, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::copy_file(first.path, other.path, std::filesystem::copy_options::overwrite_existing);
  for (const NewJob& upload : {first, again, other}) ASSERT_TRUE(queue->enqueue(upload));
  ASSERT_TRUE(queue->start());
  for (const NewJob& upload : {first, again, other}) ASSERT_TRUE(recorder_.wait_ended(upload.video));
  EXPECT_EQ(recorder_.refused_.size(), 1u);
  EXPECT_TRUE(recorder_.refused_.begin()->second.starts_with("duplicate: ")) << recorder_.refused_.begin()->second;
  EXPECT_EQ(recorder_.published_.count(other.video), 1u);
}

TEST_F(QueueTest, takes_turns_over_accounts) {
  auto queue = open();
  std::vector<NewJob> bulk;
  for (int i = 0; i < 4; ++i) bulk.push_back(job("bulk"));
  const NewJob single = job("single");
  for (const NewJob& upload : bulk) ASSERT_TRUE(queue->enqueue(upload));
  ASSERT_TRUE(queue->enqueue(single));
  ASSERT_TRUE(queue->start());
  ASSERT_TRUE(recorder_.wait_ended(bulk.back().video));
  ASSERT_TRUE(recorder_.wait_ended(single.video));
  const auto place =
      std::find(recorder_.order_.begin(), recorder_.order_.end(), single.video) - recorder_.order_.begin();
  EXPECT_LE(place, 2) << "the single upload came second, after one of the bulk";
}

TEST_F(QueueTest, a_stopped_job_resumes_and_a_dead_process_leaves_nothing_behind) {
  const NewJob upload = job("anna");
  {
    auto queue = open();
    ASSERT_TRUE(queue->enqueue(upload));
    ASSERT_TRUE(queue->start());
    recorder_.wait([&](Recorder& all) { return !all.states_[upload.video].empty(); });
    queue->stop();
  }
  // As kill -9 would leave it: a job "running", a half-made file.
  ASSERT_TRUE(database_->execute("UPDATE media_jobs SET state = 'running'"));
  std::filesystem::create_directories(folder_ / ("work/" + upload.video));
  std::ofstream(folder_ / ("work/" + upload.video + "/half.mp4")) << "half";
  ASSERT_TRUE(blobs_->put("media/" + upload.video + "/old-480.mp4", "of an earlier attempt"));
  auto queue = open();
  ASSERT_TRUE(queue->start());
  ASSERT_TRUE(recorder_.wait_ended(upload.video));
  EXPECT_TRUE(recorder_.published_[upload.video].back().complete);
  EXPECT_FALSE(blobs_->open("media/" + upload.video + "/old-480.mp4"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "work"));
}

TEST_F(QueueTest, a_crash_is_tried_three_times_and_then_refused) {
  auto queue = open();
  NewJob upload = job("anna");
  // A folder in place of the work directory's file system is out of reach; a publisher that fails stands for the crash.
  struct Failing final : Publisher {
    void progress(const std::string&, const Progress&) override {}
    Result<void> publish(const Published&) override {
      ++calls;
      return fail(Errc::internal, "down");
    }
    Result<void> refuse(const std::string&, const std::string& code, const std::string&) override {
      refused = code;
      return {};
    }
    std::atomic<int> calls = 0;
    std::string refused;
  } failing;
  queue =
      Queue::open(*database_, *blobs_, clock_, failing, {.work_directory = folder_ / "work", .pause_ms = 10}).value();
  ASSERT_TRUE(queue->enqueue(upload));
  ASSERT_TRUE(queue->start());
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (queue->depth().value() > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  queue->stop();
  EXPECT_EQ(failing.calls, 3);
  EXPECT_EQ(failing.refused, "processing_failed");
}

TEST_F(QueueTest, subscribers_see_progress_in_order_and_bad_files_fail_with_the_cause) {
  auto queue = open();
  NewJob bad = job("anna");
  std::ofstream(bad.path, std::ios::trunc) << "not a video";
  std::mutex mutex;
  std::vector<Progress> seen;
  ASSERT_TRUE(queue->enqueue(bad));
  const auto subscription = queue->subscribe(bad.video, [&](const Progress& progress) {
    const std::lock_guard lock(mutex);
    seen.push_back(progress);
  });
  ASSERT_TRUE(queue->start());
  ASSERT_TRUE(recorder_.wait_ended(bad.video));
  queue->stop();
  const std::lock_guard lock(mutex);
  ASSERT_GE(seen.size(), 3u);
  EXPECT_EQ(seen.front().state, Progress::State::queued);
  EXPECT_EQ(seen.back().state, Progress::State::failed);
  EXPECT_TRUE(recorder_.refused_[bad.video].starts_with("not_a_video"));
  EXPECT_EQ(queue->progress(bad.video)->state, Progress::State::failed);
}

TEST_F(QueueTest, a_forgotten_video_leaves_no_blob_and_no_job) {
  auto queue = open();
  const NewJob upload = job("anna");
  ASSERT_TRUE(queue->enqueue(upload));
  ASSERT_TRUE(queue->start());
  recorder_.wait([&](Recorder& all) { return !all.published_[upload.video].empty(); });
  ASSERT_TRUE(queue->forget(upload.video));
  EXPECT_TRUE(blobs_->list("media/" + upload.video).value().empty());
  EXPECT_FALSE(queue->progress(upload.video));
  EXPECT_FALSE(std::filesystem::exists(upload.path));
}

TEST_F(QueueTest, a_replacement_takes_the_place_of_all_files_once_it_is_complete) {
  auto queue = open();
  NewJob first = job("anna");
  first.sha256 = "one";
  ASSERT_TRUE(queue->enqueue(first));
  NewJob second = job("anna");
  second.video = first.video;
  second.sha256 = "two";
  EXPECT_EQ(queue->replace(second).error().code, Errc::unavailable) << "the first is not made yet";
  ASSERT_TRUE(queue->start());
  ASSERT_TRUE(recorder_.wait_ended(first.video));
  const auto old_keys = blobs_->list("media/" + first.video).value();
  EXPECT_FALSE(queue->replace(first).value()) << "it was made of this very file";
  EXPECT_TRUE(queue->replace(second).value());
  EXPECT_TRUE(queue->replace(second).value()) << "handed over again, after a crash";
  ASSERT_TRUE(recorder_.wait([&](Recorder& all) { return all.published_[first.video].size() == 4; }));
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (queue->depth().value() > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  queue->stop();
  for (const auto& key : old_keys) EXPECT_FALSE(blobs_->open(key)) << key;
  const auto& made = recorder_.published_[first.video].back();
  EXPECT_TRUE(made.complete);
  for (const auto& key : {made.poster_key, made.thumbnail_key, made.hls_key, made.sources[0].key})
    EXPECT_TRUE(blobs_->open(key)) << key;
}

TEST_F(QueueTest, a_replacement_that_is_no_video_leaves_what_was_there) {
  auto queue = open();
  NewJob first = job("anna"), again = job("anna");
  first.sha256 = again.sha256 = "one";
  ASSERT_TRUE(queue->enqueue(first));
  ASSERT_TRUE(queue->start());
  ASSERT_TRUE(recorder_.wait_ended(first.video));
  NewJob bad = job("anna");
  bad.video = first.video;
  bad.sha256 = "bad";
  std::ofstream(bad.path, std::ios::trunc) << "not a video";
  EXPECT_TRUE(queue->replace(bad).value());
  ASSERT_TRUE(recorder_.wait([&](Recorder& all) { return all.refused_.contains(first.video); }));
  for (const auto& key : {recorder_.published_[first.video].back().hls_key}) EXPECT_TRUE(blobs_->open(key)) << key;
  ASSERT_TRUE(queue->enqueue(again));
  ASSERT_TRUE(recorder_.wait_ended(again.video));
  EXPECT_TRUE(recorder_.refused_[again.video].starts_with("duplicate")) << "its original is still known";
}

TEST_F(QueueTest, a_video_removed_meanwhile_is_dropped) {
  auto queue = open();
  const NewJob upload = job("anna");
  recorder_.removed_ = upload.video;
  ASSERT_TRUE(queue->enqueue(upload));
  ASSERT_TRUE(queue->start());
  recorder_.wait([&](Recorder& all) { return !all.states_[upload.video].empty(); });
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (queue->depth().value() > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  queue->stop();
  EXPECT_FALSE(queue->progress(upload.video));
  EXPECT_TRUE(blobs_->list("media/" + upload.video).value().empty());
}

TEST_F(QueueTest, edits_are_kept_with_the_job_and_carried_out) {
  const std::string key = lend_clip();
  NewJob upload = job("anna");
  upload.edits = {.trim_start_ms = 200, .loan = Loan{.kind = Loan::Kind::duet, .video = "other"}};
  {
    auto queue = open();
    ASSERT_TRUE(queue->enqueue(upload));
  }
  std::vector<std::string> asked;
  auto queue = open({.lend = [&](const std::string& video, const Loan& loan) -> Result<std::string> {
    asked.push_back(video + " " + loan.video);
    return key;
  }});
  ASSERT_TRUE(queue->start());
  ASSERT_TRUE(recorder_.wait_ended(upload.video));
  EXPECT_EQ(asked, std::vector{upload.video + " other"});
  const auto& stages = recorder_.published_[upload.video];
  ASSERT_EQ(stages.size(), 2u);
  EXPECT_FALSE(stages[0].complete) << "a first rendition comes before the rest";
  EXPECT_EQ(stages[1].duration_ms, 800);
  EXPECT_EQ(stages[1].width, 960);
  EXPECT_EQ(stages[1].height, 1080);
  EXPECT_FALSE(std::filesystem::exists(upload.path));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "work"));
  EXPECT_TRUE(blobs_->open(key)) << "what was lent is still there";
}

TEST_F(QueueTest, what_is_not_lent_any_more_fails_with_the_reason) {
  const auto refusing = [](Errc code) {
    return QueueOptions{.lend = [code](const std::string&, const Loan&) -> Result<std::string> {
      return fail(code, "It has been withdrawn.");
    }};
  };
  for (const auto code : {Errc::forbidden, Errc::not_found, Errc::unprocessable}) {
    NewJob upload = job("anna");
    upload.edits.loan = Loan{.kind = Loan::Kind::stitch, .video = "other", .end_ms = 500};
    auto queue = open(refusing(code));
    ASSERT_TRUE(queue->enqueue(upload));
    ASSERT_TRUE(queue->start());
    ASSERT_TRUE(recorder_.wait_ended(upload.video));
    EXPECT_EQ(recorder_.refused_[upload.video], "not_permitted: It has been withdrawn.");
    EXPECT_TRUE(recorder_.published_[upload.video].empty());
  }
}

TEST_F(QueueTest, a_lent_blob_that_has_gone_fails_with_a_reason) {
  NewJob upload = job("anna");
  upload.edits.loan = Loan{.kind = Loan::Kind::duet, .video = "other"};
  auto queue =
      open({.lend = [](const std::string&, const Loan&) -> Result<std::string> { return "media/gone/x.mp4"; }});
  ASSERT_TRUE(queue->enqueue(upload));
  ASSERT_TRUE(queue->start());
  ASSERT_TRUE(recorder_.wait_ended(upload.video));
  EXPECT_TRUE(recorder_.refused_[upload.video].starts_with("not_permitted: ")) << recorder_.refused_[upload.video];
}

TEST_F(QueueTest, the_same_file_with_other_edits_is_another_video) {
  auto queue = open();
  const NewJob first = job("anna");
  NewJob again = first, trimmed = first;
  again.video = new_id(++made_);
  again.path = folder_ / "again.mp4";
  trimmed.video = new_id(++made_);
  trimmed.path = folder_ / "trimmed.mp4";
  trimmed.edits.trim_end_ms = 600;
  std::filesystem::copy_file(first.path, again.path);
  std::filesystem::copy_file(first.path, trimmed.path);
  for (const auto& one : {first, again, trimmed}) ASSERT_TRUE(queue->enqueue(one));
  ASSERT_TRUE(queue->start());
  for (const auto& one : {first, again, trimmed}) ASSERT_TRUE(recorder_.wait_ended(one.video));
  EXPECT_TRUE(recorder_.refused_[again.video].starts_with("duplicate"));
  EXPECT_EQ(recorder_.published_[trimmed.video].back().duration_ms, 600);
}

}  // namespace
}  // namespace vitrine::media
