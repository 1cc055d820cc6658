#include "api/tus.hpp"

#include <charconv>

#include "api/video_choices.hpp"
#include "base/crypto.hpp"
#include "social/videos.hpp"

namespace vitrine::api::tus {
namespace {

using Algorithm = media::PieceChecksum::Algorithm;

constexpr std::size_t sha1_bytes = 20, sha256_bytes = 32;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// The part before `separator`, which is taken off `text` with it.
std::string_view take_until(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const auto part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return part;
}

std::vector<std::string> split_tags(std::string_view text) {
  std::vector<std::string> tags;
  while (!text.empty()) {
    if (const auto tag = trimmed(take_until(text, ',')); !tag.empty()) tags.emplace_back(tag);
  }
  return tags;
}

/// Takes over what the creator chose, if it is that. Names are checked by choices_of().
Result<void> take_choice(std::string_view key, const std::string& value, media::UploadMetadata& metadata) {
  if (key == "audience") metadata.audience = value;
  if (key == "comment_permission") metadata.comment_permission = value;
  if (key == "duet_permission") metadata.duet_permission = value;
  if (key == "labels") metadata.labels = split_tags(value);
  if (key == "replaces") metadata.replaces = value;
  if (key == "draft") {
    if (value != "0" && value != "1") return fail(Errc::invalid_argument, "\"draft\" must be 1 or 0");
    metadata.draft = value == "1";
  }
  if (key == "publish_at" && !value.empty()) {
    VT_TRY(metadata.publish_at, parse_number("Upload-Metadata's publish_at", value));
  }
  return {};
}

/// Not inlined: gcc 12 derives false warnings from a string's known length.
[[gnu::noinline]] bool fits(Algorithm algorithm, const std::string& digest) {
  return digest.size() == (algorithm == Algorithm::sha1 ? sha1_bytes : sha256_bytes);
}

}  // namespace

Result<std::int64_t> parse_number(std::string_view field, std::string_view text) {
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < 0)
    return fail(Errc::invalid_argument, "the header {} must be a whole number", field);
  return value;
}

Result<media::UploadMetadata> parse_metadata(std::string_view header) {
  if (header.size() > metadata_bytes_max)
    return fail(Errc::too_large, "Upload-Metadata has at most {} bytes", metadata_bytes_max);
  media::UploadMetadata metadata;
  media::Fields fields;
  std::string tags;
  while (!header.empty()) {
    const auto pair = trimmed(take_until(header, ','));
    const auto space = pair.find(' ');
    const auto key = pair.substr(0, space);
    auto value = crypto::from_base64(space == std::string_view::npos ? "" : pair.substr(space + 1));
    if (key.empty() || !value)
      return fail(Errc::invalid_argument, "Upload-Metadata is a list of \"key base64\" pairs, parted by commas");
    fields.insert_or_assign(std::string(key), *value);
    if (key == "filename") metadata.filename = std::move(*value);
    if (key == "filetype") metadata.filetype = std::move(*value);
    if (key == "caption") metadata.caption = std::move(*value);
    if (key == "tags") tags = *value;
    VT_CHECK(take_choice(key, *value, metadata));
  }
  VT_TRY(metadata.filename, social::checked_text(metadata.filename, filename_characters_max, "a file name"));
  VT_TRY(metadata.filetype, social::checked_text(metadata.filetype, filename_characters_max, "a file type"));
  VT_TRY(metadata.caption, social::checked_text(metadata.caption, social::caption_characters_max, "a caption"));
  VT_TRY(metadata.tags, social::checked_tags(split_tags(tags), metadata.caption));
  VT_TRY(metadata.edits, media::read_edits(fields));
  VT_CHECK(choices_of(metadata));
  return metadata;
}

Result<media::PieceChecksum> parse_checksum(std::string_view header) {
  const auto name = take_until(header, ' ');
  const auto algorithm = name == "sha1" ? Algorithm::sha1 : Algorithm::sha256;
  auto digest = crypto::from_base64(header);
  if ((name != "sha1" && name != "sha256") || !digest || !fits(algorithm, *digest))
    return fail(Errc::invalid_argument, "Upload-Checksum must be \"sha1 BASE64\" or \"sha256 BASE64\"");
  return media::PieceChecksum{algorithm, std::move(*digest)};
}

}  // namespace vitrine::api::tus
