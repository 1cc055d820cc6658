// Files as people and programs write them, and as nobody should.
#include "social/caption_cues.hpp"

#include <gtest/gtest.h>

namespace vitrine::social {
namespace {

constexpr std::int64_t video_ms = 60'000;

std::vector<Cue> vtt(std::string_view body) {
  auto cues = read_captions(fmt::format("WEBVTT\n\n{}", body), CaptionFormat::webvtt, video_ms);
  EXPECT_TRUE(cues) << cues.error().message;
  return cues.value_or(std::vector<Cue>{});
}
std::vector<Cue> srt(std::string_view file) {
  auto cues = read_captions(file, CaptionFormat::subrip, video_ms);
  EXPECT_TRUE(cues) << cues.error().message;
  return cues.value_or(std::vector<Cue>{});
}
std::string refused(std::string_view file, CaptionFormat format = CaptionFormat::webvtt) {
  const auto cues = read_captions(file, format, video_ms);
  EXPECT_FALSE(cues) << file;
  return cues ? "" : cues.error().message;
}
std::string text_of(std::string_view text) {
  return vtt(fmt::format("00:01.000 --> 00:02.000\n{}", text)).front().text;
}

TEST(WebVtt, CuesWithNamesCommentsAndBlocksThatArePassedOver) {
  const auto cues =
      vtt("STYLE\n::cue { color: red }\n\nREGION\nid:one\n\nNOTE a remark\nover two lines\n\n"
          "intro\n00:01.000 --> 00:02.500 align:start position:10%\nHello there,\nwho is it?\n\n"
          "00:00:02.500 --> 00:00:04.000\nMe.\n");
  EXPECT_EQ(cues, (std::vector<Cue>{{1000, 2500, "Hello there,\nwho is it?"}, {2500, 4000, "Me."}}));
}

TEST(WebVtt, HeaderWithTextMarkAndAnyLineEnds) {
  for (const std::string_view end : {"\n", "\r\n", "\r"}) {
    std::string file =
        "\xef\xbb\xbfWEBVTT Kind: captions\nLanguage: en\n\n1\n00:01.000 --> 00:02.000\nOne\n\n\n\n2\n"
        "00:03.000 --> 00:04.000\nTwo";
    for (auto at = file.find('\n'); at != std::string::npos; at = file.find('\n', at + end.size()))
      file.replace(at, 1, end);
    EXPECT_EQ(read_captions(file, CaptionFormat::webvtt, video_ms),
              (std::vector<Cue>{{1000, 2000, "One"}, {3000, 4000, "Two"}}));
  }
}

TEST(WebVtt, MarkupIsTakenOffAndReferencesAreRead) {
  EXPECT_EQ(text_of("<v Ada>I <i>do</i> <c.loud>not</c> <00:01.500><b>know"), "I do not know");
  EXPECT_EQ(text_of("Fish &amp; chips &lt;3&nbsp;&#x2764; &copy;"), "Fish & chips <3\u00a0\u2764 &copy;");
  EXPECT_EQ(text_of("a < b, <3, < i>"), "a < b, <3, < i>");
  EXPECT_EQ(text_of("<script>alert(1)</script>"), "alert(1)");
  EXPECT_EQ(text_of("<<i>i>x<img src=x onerror=alert(1)"), "<i>x<img src=x onerror=alert(1)");
}

TEST(WebVtt, WhatIsWrittenHoldsNoMarkupAndIsReadTheSame) {
  const std::vector<Cue> cues = {{0, 900, "<script>&amp;\nline two --> more"},
                                 {900, 61'000, "\u200fשלום", CuePlace::top}};
  const auto written = write_webvtt(cues);
  EXPECT_EQ(written,
            "WEBVTT\n\n00:00:00.000 --> 00:00:00.900\n&lt;script&gt;&amp;amp;\nline two --&gt; more\n\n"
            "00:00:00.900 --> 00:01:01.000 line:0\n\u200fשלום\n");
  EXPECT_EQ(read_captions(written, CaptionFormat::webvtt, video_ms), cues);
  EXPECT_EQ(said_in(cues), "<script>&amp;\nline two --> more\n\u200fשלום");
}

TEST(WebVtt, UpperHalf) {
  for (const std::string_view line : {"line:0", "line:10%", "align:left line:2,start", "line:49.5%"})
    EXPECT_EQ(vtt(fmt::format("00:01.000 --> 00:02.000 {}\nx", line)).front().place, CuePlace::top) << line;
  for (const std::string_view line : {"line:-1", "line:90%", "line:50%", "line:x", "line:", "align:left", ""})
    EXPECT_EQ(vtt(fmt::format("00:01.000 --> 00:02.000 {}\nx", line)).front().place, CuePlace::bottom) << line;
}

TEST(WebVtt, CuesThatSayNothingAreDropped) {
  EXPECT_EQ(vtt("00:01.000 --> 00:02.000\n<i></i>\n\n00:02.000 --> 00:03.000\nx").size(), 1u);
  EXPECT_EQ(refused("WEBVTT\n\n00:01.000 --> 00:02.000\n\n"), "there is no text in these captions");
  EXPECT_EQ(refused("WEBVTT"), "there is no text in these captions");
}

TEST(WebVtt, ErrorsNameTheLine) {
  const std::string head = "WEBVTT\n\n";
  EXPECT_EQ(refused(""), "line 1: a WebVTT file begins with the word WEBVTT");
  EXPECT_EQ(refused("WEBVTTX\n\n"), "line 1: a WebVTT file begins with the word WEBVTT");
  EXPECT_EQ(refused("WEBVTT\n00:01.000 --> 00:02.000\nx"), "line 2: a blank line is missing before this cue");
  EXPECT_EQ(refused(head + "00:02.000 --> 00:01.000\nx"), "line 3: this cue ends before it begins");
  EXPECT_EQ(refused(head + "00:02.000 --> 00:03.000\nx\n\n00:02.500 --> 00:04.000\ny"),
            "line 6: this cue begins at 00:00:02.500, before the one above it ends at 00:00:03.000");
  EXPECT_EQ(refused(head + "00:59.000 --> 01:01.001\nx"),
            "line 3: this cue ends at 00:01:01.001, after the video's end at 00:01:00.000");
  EXPECT_EQ(refused(head + "00:01.000 --> 00:02.000\nx\n00:02.000 --> 00:03.000\ny"),
            "line 5: a blank line is missing before this cue");
  EXPECT_EQ(refused(head + "00:01.000 --> 00:02.000\n" + std::string(cue_characters_max + 1, 'x')),
            "line 4: the text of a cue has at most 1000 characters; this has 1001");
  EXPECT_EQ(refused(head + std::string("00:01.000 --> 00:02.000\na\0b", 27)),
            "line 4: the text of a cue must not hold control characters");
  EXPECT_EQ(refused(head + "00:01.000 --> 00:02.000\n\u202egnorw"),
            "line 4: the text of a cue must not hold control characters");
}

TEST(WebVtt, TimesAreExact) {
  for (const std::string_view times :
       {"00:01.00 --> 00:02.000", "0:01.000 --> 00:02.000", "00:60.000 --> 01:01.000", "00:01,000 --> 00:02,000",
        "-00:01.000 --> 00:02.000", "99999999999999999999:00:00.000 --> 00:02.000", "00:01.000 -> 00:02.000",
        "00:01.000 --> 00:02.000x", "--> ", "00:00:01.000 --> 99999:00:02.000", "hello"})
    EXPECT_EQ(refused(fmt::format("WEBVTT\n\n{}\nx", times)).substr(0, 5), "line ") << times;
  EXPECT_EQ(vtt("00:01.000-->00:02.000\nx").front().end_ms, 2000);
}

TEST(WebVtt, Limits) {
  EXPECT_EQ(read_captions(std::string(captions_bytes_max + 1, '\n'), CaptionFormat::webvtt, video_ms).error().code,
            Errc::too_large);
  EXPECT_EQ(refused("WEBVTT\n\n00:01.000 --> 00:02.000\n\xff\xfe"),
            "captions must be UTF-8 text: save the file as UTF-8");
  std::string many = "WEBVTT\n";
  for (std::size_t i = 0; i <= cues_max; ++i)
    many += fmt::format("\n00:0{}.{:03} --> 00:0{}.{:03}\nx\n", i / 999, i % 999, i / 999, i % 999 + 1);
  EXPECT_EQ(refused(many), fmt::format("line {}: there are at most 5000 cues", 3 * cues_max + 3));
  EXPECT_EQ(refused(std::string(captions_bytes_max, 'x')), "line 1: a WebVTT file begins with the word WEBVTT");
}

TEST(SubRip, AsProgramsWriteIt) {
  EXPECT_EQ(srt("\xef\xbb\xbf"
                "1\r\n00:00:01,000 --> 00:00:02,500\r\n<font color=\"#fff\">Hello</font>\r\n- {\\i1}there\r\n\r\n"
                "2\r\n0:00:03.000 --> 00:00:04,000 X1:1 X2:2\r\n{\\an8}AT&amp;T \\ 1 < 2\r\n"),
            (std::vector<Cue>{{1000, 2500, "Hello\n- there"}, {3000, 4000, "AT&amp;T \\ 1 < 2", CuePlace::top}}));
  EXPECT_EQ(srt("00:00:01,000 --> 00:00:02,000\nno number").size(), 1u);
}

TEST(SubRip, ErrorsNameTheLine) {
  EXPECT_EQ(refused("1\n00:01,000 --> 00:02,000\nx", CaptionFormat::subrip),
            "line 2: a cue's times are expected here, such as 00:00:01,000 --> 00:00:03,500");
  EXPECT_EQ(refused("WEBVTT\n\n00:01.000 --> 00:02.000\nx", CaptionFormat::subrip).substr(0, 7), "line 2:");
  EXPECT_EQ(refused("1\n00:00:01,000 --> 00:00:02,000\nx\n2\n00:00:02,000 --> 00:00:03,000\ny", CaptionFormat::subrip),
            "line 5: a blank line is missing before this cue");
}

}  // namespace
}  // namespace vitrine::social
