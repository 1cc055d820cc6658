// The header fields of tus 1.0.0, as values. Pure functions.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "media/uploads.hpp"

namespace vitrine::api::tus {

inline constexpr std::size_t metadata_bytes_max = 8 << 10;
inline constexpr std::size_t filename_characters_max = 255;

/// A whole number, not negative. Errors: invalid_argument that names the field.
[[nodiscard]] Result<std::int64_t> parse_number(std::string_view field, std::string_view text);

/// Upload-Metadata: "key base64,key base64,flag". Of known keys (filename, filetype, caption, tags, what
/// video_choices.hpp knows, and those of media::read_edits) the values are checked: UTF-8, lengths, characters, names;
/// others are passed over, as tus wants. Errors: invalid_argument, too_large.
[[nodiscard]] Result<media::UploadMetadata> parse_metadata(std::string_view header);

/// Upload-Checksum: "sha1 BASE64" or "sha256 BASE64". Errors: invalid_argument.
[[nodiscard]] Result<media::PieceChecksum> parse_checksum(std::string_view header);

}  // namespace vitrine::api::tus
