// With a real program as the engine: it measures the sound it is given and writes WebVTT about it.
#include "media/transcribe.hpp"

#include "media/test_clips.hpp"
#include "media/transcriptions.hpp"
#include "store/testing.hpp"

namespace vitrine::media {
namespace {

using test::Folder;
using test::make_clip;
using test::read_all;

constexpr auto patience = std::chrono::seconds(60);
constexpr std::string_view measure = R"(
  my ($audio, $output, $language) = @ARGV;
  open my $in, '<:raw', $audio or die; local $/; my $wav = <$in>;
  my ($channels, $rate) = unpack 'x22 v V', $wav;
  my $data = index $wav, 'data'; my $seconds = (length($wav) - $data - 8) / 2 / $rate;
  open my $out, '>', "$output.vtt" or die;
  printf $out "WEBVTT\n\n00:00.000 --> 00:%06.3f\n%.1f seconds, %d channel, %d Hz, %s\n", $seconds, $seconds, $channels, $rate, $language;
)";

/// A clip of two seconds with a tone, and engines written in Perl.
class Workshop {
 public:
  Workshop() {
    make_clip("-f lavfi -i testsrc2=s=64x64:r=5:d=2 -f lavfi -i sine=d=2 -c:v libx264 -c:a aac -ac 2 -ar 48000",
              folder / "clip.mp4");
  }
  /// Below /tmp, where nothing can be seen from inside unless it is named.
  [[nodiscard]] Engine engine(std::string_view script) const {
    std::ofstream(folder / "engine.pl") << script;
    return {"/usr/bin/perl", folder / "engine.pl", "{audio}", "{output}", "{language}"};
  }
  Folder folder;
};

class TranscribeTest : public testing::Test {
 protected:
  Result<std::string> run(std::string_view script, const std::function<void(TranscribeJob&)>& change = {}) {
    std::filesystem::create_directories(workshop_.folder.path() / "out");
    TranscribeJob job{.input = workshop_.folder / "clip.mp4",
                      .directory = workshop_.folder / "out",
                      .language = "pt-BR",
                      .limits = engine_limits(2000)};
    if (change) change(job);
    return transcribe(workshop_.engine(script), job);
  }
  Workshop workshop_;
};

TEST_F(TranscribeTest, gives_the_engine_16_khz_mono_and_takes_what_it_writes) {
  const auto text = run(measure);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_TRUE(text->contains("2.0 seconds, 1 channel, 16000 Hz, pt")) << *text;
}

TEST_F(TranscribeTest, the_engine_has_no_network_and_sees_nothing_else) {
  const auto text = run(R"(
    use Socket; my $net = socket(my $s, PF_INET, SOCK_STREAM, 0) ? 'network' : 'no network';
    my $host = -e '/etc/passwd' || -e '/root' || -e '/proc/1' ? 'host' : 'no host';
    open my $out, '>', "$ARGV[1].vtt"; print $out "WEBVTT\n\n00:00.000 --> 00:01.000\n$net, $host";
  )");
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_TRUE(text->contains("no network, no host")) << *text;
}

TEST_F(TranscribeTest, an_engine_that_fails_is_told_from_one_that_says_nothing) {
  EXPECT_EQ(run("exit 3").error().message, "The speech recognition failed (exit 3)");
  EXPECT_EQ(run("1").error().message, "The speech recognition wrote no captions");
  EXPECT_EQ(run("open my $o, '>', \"$ARGV[1].vtt\"; print $o 'x' x 2_000_000").error().code, Errc::unprocessable);
}

TEST_F(TranscribeTest, an_engine_meets_limits_of_time_and_memory) {
  EXPECT_EQ(run("sleep 1000", [](auto& job) { job.limits.wall_ms = 500; }).error().code, Errc::unprocessable);
  EXPECT_EQ(
      run("my @x; push @x, 'x' x 50_000_000 while 1", [](auto& job) { job.limits.address_space_bytes = 256 << 20; })
          .error()
          .code,
      Errc::unprocessable);
}

TEST_F(TranscribeTest, a_stop_is_no_failure) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(run("sleep 1000", [&](auto& job) { job.stop = stop.get_token(); }).error().code, Errc::unavailable);
}

TEST(EngineTest, is_checked_when_the_service_starts) {
  EXPECT_TRUE(check_engine({"/usr/bin/perl", "-f", "{audio}", "-o={output}"}));
  for (const Engine& engine : std::initializer_list<Engine>{{},
                                                            {"perl", "{audio}", "{output}"},
                                                            {"/usr/bin/no-such", "{audio}", "{output}"},
                                                            {"/usr/bin/perl", "{audio}"}})
    EXPECT_EQ(check_engine(engine).error().code, Errc::invalid_argument);
}

class Recorder final : public TranscriptionPort {
 public:
  Result<Sound> sound_of(const std::string& video) override {
    if (video == "gone") return fail(Errc::not_found, "no such video");
    return Sound{"media/clip.mp4", 2000};
  }
  Result<void> take(const std::string& video, const std::string& language, const std::string& webvtt) override {
    const std::lock_guard lock(mutex_);
    taken_[video + " " + language] = webvtt;
    changed_.notify_all();
    return answer_;
  }
  bool wait_for(const std::string& what) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return taken_.contains(what); });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> taken_;
  Result<void> answer_;
};

class TranscriptionsTest : public store::testing::BothEngines {
 protected:
  void SetUp() override {
    BothEngines::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    blobs_ = store::open_file_blobs(workshop_.folder / "blobs").value();
    ASSERT_TRUE(blobs_->put("media/clip.mp4", read_all(workshop_.folder / "clip.mp4")));
  }
  std::unique_ptr<Transcriptions> open(Engine engine) {
    return Transcriptions::open(*database_, *blobs_, clock_, port_,
                                {.engine = std::move(engine), .work_directory = workshop_.folder / "work"})
        .value();
  }
  /// Waits until nothing of the video is queued or running.
  std::vector<Transcription> settled(const Transcriptions& all, const std::string& video) {
    const auto end = std::chrono::steady_clock::now() + patience;
    std::vector<Transcription> list;
    do {
      list = all.of_video(video).value();
      if (std::ranges::all_of(list, [](const auto& one) { return one.state == Transcription::State::failed; })) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    } while (std::chrono::steady_clock::now() < end);
    return list;
  }

  Workshop workshop_;
  SystemClock clock_;
  Recorder port_;
  std::unique_ptr<store::Blobs> blobs_;
};
INSTANTIATE_TEST_SUITE_P(Engines, TranscriptionsTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(TranscriptionsTest, writes_down_what_is_asked_for) {
  const auto all = open(workshop_.engine(measure));
  ASSERT_TRUE(all->ask("v1", "ada", "en"));
  ASSERT_TRUE(all->ask("v1", "ada", "fr"));
  ASSERT_TRUE(port_.wait_for("v1 en") && port_.wait_for("v1 fr"));
  EXPECT_TRUE(port_.taken_["v1 fr"].contains("16000 Hz, fr"));
  EXPECT_TRUE(settled(*all, "v1").empty());
  EXPECT_TRUE(std::filesystem::is_empty(workshop_.folder / "work"));
}

TEST_P(TranscriptionsTest, a_failure_stays_until_it_is_asked_for_again) {
  {
    const auto all = open(workshop_.engine("exit 3"));
    ASSERT_TRUE(all->ask("v1", "ada", "en"));
    const auto failed = settled(*all, "v1");
    ASSERT_EQ(failed.size(), 1u);
    EXPECT_EQ(failed[0].detail, "The speech recognition failed (exit 3)");
  }
  const auto all = open(workshop_.engine(measure));
  EXPECT_EQ(settled(*all, "v1").size(), 1u);
  ASSERT_TRUE(all->ask("v1", "ada", "en"));
  ASSERT_TRUE(port_.wait_for("v1 en"));
  EXPECT_TRUE(settled(*all, "v1").empty());
}

TEST_P(TranscriptionsTest, what_cannot_be_read_is_a_failure_and_what_nobody_wants_is_none) {
  port_.answer_ = fail(Errc::invalid_argument, "line 1: not WebVTT");
  const auto all = open(workshop_.engine(measure));
  ASSERT_TRUE(all->ask("v1", "ada", "en"));
  EXPECT_EQ(settled(*all, "v1").at(0).detail, "line 1: not WebVTT");
  port_.answer_ = fail(Errc::conflict, "somebody was faster");
  ASSERT_TRUE(all->ask("v2", "ada", "en"));
  EXPECT_TRUE(settled(*all, "v2").empty());
  ASSERT_TRUE(all->ask("gone", "ada", "en"));
  EXPECT_TRUE(settled(*all, "gone").empty());
}

TEST_P(TranscriptionsTest, what_a_stop_interrupts_begins_again) {
  {
    const auto all = open(workshop_.engine("sleep 1000"));
    ASSERT_TRUE(all->ask("v1", "ada", "en"));
    while (all->of_video("v1")->at(0).state != Transcription::State::running)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto all = open(workshop_.engine(measure));
  EXPECT_TRUE(port_.wait_for("v1 en"));
}

TEST_P(TranscriptionsTest, without_an_engine_it_says_so) {
  const auto all = open({});
  EXPECT_FALSE(all->has_engine());
  EXPECT_EQ(all->ask("v1", "ada", "en").error().code, Errc::unprocessable);
}

TEST_P(TranscriptionsTest, an_account_waits_with_so_many) {
  const auto all = open(workshop_.engine("sleep 1000"));
  for (std::int64_t i = 0; i < transcriptions_waiting_max; ++i)
    ASSERT_TRUE(all->ask(fmt::format("v{}", i), "ada", "en"));
  EXPECT_EQ(all->ask("more", "ada", "en").error().code, Errc::too_many_requests);
  EXPECT_TRUE(all->ask("other", "bob", "en"));
  ASSERT_TRUE(all->forget("v7"));
  EXPECT_TRUE(all->of_video("v7")->empty());
  EXPECT_TRUE(all->ask("more", "ada", "en"));
}

}  // namespace
}  // namespace vitrine::media
