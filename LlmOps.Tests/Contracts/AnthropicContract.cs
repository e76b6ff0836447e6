namespace LlmOps.Tests.Contracts;

/// <summary>
/// Anthropic's Messages request as an OpenAPI document, for Anthropic publishes none. The fields are those of the request
/// types in anthropics/anthropic-sdk-typescript, src/resources/messages/messages.ts, of August 2026, without betas.
/// What a server tool has answered stays open. The role "system" inside messages is left out: only some models take it.
/// The pattern of tool call ids and the text that must not be empty are known from the API's own errors.
/// </summary>
internal static class AnthropicContract
{
    public const string Document = """
        {
          "paths": {
            "/v1/messages": { "post": { "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Request" } } } } } },
            "/v1/models": { "get": {} },
            "/v1/models/{model_id}": { "get": {} }
          },
          "components": { "schemas": {
            "Request": {
              "type": "object",
              "required": ["model", "max_tokens", "messages"],
              "properties": {
                "model": { "type": "string", "minLength": 1 },
                "max_tokens": { "type": "integer", "minimum": 0 },
                "messages": { "type": "array", "minItems": 1, "items": { "$ref": "#/components/schemas/Message" } },
                "system": { "oneOf": [{ "type": "string" }, { "type": "array", "items": { "$ref": "#/components/schemas/Text" } }] },
                "stop_sequences": { "type": "array", "items": { "type": "string", "minLength": 1 } },
                "stream": { "type": "boolean" },
                "temperature": { "type": "number", "minimum": 0, "maximum": 1 },
                "top_p": { "type": "number", "minimum": 0, "maximum": 1 },
                "top_k": { "type": "integer", "minimum": 0 },
                "tools": { "type": "array", "items": { "oneOf": [{ "$ref": "#/components/schemas/Tool" }, { "$ref": "#/components/schemas/ServerTool" }] } },
                "tool_choice": { "$ref": "#/components/schemas/ToolChoice" },
                "thinking": { "$ref": "#/components/schemas/Thinking" },
                "output_config": {
                  "type": "object",
                  "properties": {
                    "effort": { "enum": ["low", "medium", "high", "xhigh", "max", null] },
                    "format": {
                      "type": ["object", "null"],
                      "required": ["type", "schema"],
                      "properties": { "type": { "const": "json_schema" }, "schema": { "type": "object" } }
                    }
                  }
                },
                "metadata": { "type": "object", "properties": { "user_id": { "type": ["string", "null"] } } },
                "service_tier": { "enum": ["auto", "standard_only"] },
                "cache_control": { "$ref": "#/components/schemas/CacheControl" },
                "container": {
                  "type": ["string", "object", "null"],
                  "properties": { "id": { "type": ["string", "null"] }, "skills": { "type": ["array", "null"], "items": { "type": "object" } } }
                },
                "inference_geo": { "type": ["string", "null"] },
                "user_profile_id": { "type": "string" }
              }
            },
            "Message": {
              "type": "object",
              "required": ["role", "content"],
              "properties": {
                "role": { "enum": ["user", "assistant"] },
                "content": { "oneOf": [{ "type": "string" }, { "type": "array", "items": { "$ref": "#/components/schemas/Block" } }] }
              }
            },
            "Block": { "oneOf": [
              { "$ref": "#/components/schemas/Text" },
              { "$ref": "#/components/schemas/Image" },
              { "$ref": "#/components/schemas/Document" },
              { "$ref": "#/components/schemas/SearchResult" },
              { "$ref": "#/components/schemas/ThinkingBlock" },
              { "$ref": "#/components/schemas/RedactedThinking" },
              { "$ref": "#/components/schemas/ToolUse" },
              { "$ref": "#/components/schemas/ToolResult" },
              { "$ref": "#/components/schemas/ServerToolUse" },
              { "$ref": "#/components/schemas/ServerToolResult" },
              { "$ref": "#/components/schemas/ContainerUpload" }
            ] },
            "CacheControl": {
              "type": ["object", "null"],
              "required": ["type"],
              "properties": { "type": { "const": "ephemeral" }, "ttl": { "enum": ["5m", "1h"] } }
            },
            "Citations": { "type": ["object", "null"], "properties": { "enabled": { "type": "boolean" } } },
            "Text": {
              "type": "object",
              "required": ["type", "text"],
              "properties": {
                "type": { "const": "text" },
                "text": { "type": "string", "minLength": 1 },
                "citations": {
                  "type": ["array", "null"],
                  "items": {
                    "type": "object",
                    "required": ["type", "cited_text"],
                    "properties": {
                      "type": { "enum": ["char_location", "page_location", "content_block_location", "web_search_result_location", "search_result_location"] },
                      "cited_text": { "type": "string" }
                    },
                    "additionalProperties": true
                  }
                },
                "cache_control": { "$ref": "#/components/schemas/CacheControl" }
              }
            },
            "Base64Image": {
              "type": "object",
              "required": ["type", "media_type", "data"],
              "properties": { "type": { "const": "base64" }, "media_type": { "enum": ["image/jpeg", "image/png", "image/gif", "image/webp"] }, "data": { "$ref": "#/components/schemas/Base64" } }
            },
            "Base64Pdf": {
              "type": "object",
              "required": ["type", "media_type", "data"],
              "properties": { "type": { "const": "base64" }, "media_type": { "const": "application/pdf" }, "data": { "$ref": "#/components/schemas/Base64" } }
            },
            "Base64": { "type": "string", "minLength": 1, "pattern": "^[A-Za-z0-9+/]+={0,2}$" },
            "Url": {
              "type": "object",
              "required": ["type", "url"],
              "properties": { "type": { "const": "url" }, "url": { "type": "string", "pattern": "^https?://" } }
            },
            "File": {
              "type": "object",
              "required": ["type", "file_id"],
              "properties": { "type": { "const": "file" }, "file_id": { "type": "string" } }
            },
            "PlainText": {
              "type": "object",
              "required": ["type", "media_type", "data"],
              "properties": { "type": { "const": "text" }, "media_type": { "const": "text/plain" }, "data": { "type": "string" } }
            },
            "ContentSource": {
              "type": "object",
              "required": ["type", "content"],
              "properties": {
                "type": { "const": "content" },
                "content": { "oneOf": [{ "type": "string" }, { "type": "array", "items": { "oneOf": [{ "$ref": "#/components/schemas/Text" }, { "$ref": "#/components/schemas/Image" }] } }] }
              }
            },
            "Image": {
              "type": "object",
              "required": ["type", "source"],
              "properties": {
                "type": { "const": "image" },
                "source": { "oneOf": [{ "$ref": "#/components/schemas/Base64Image" }, { "$ref": "#/components/schemas/Url" }, { "$ref": "#/components/schemas/File" }] },
                "transformations": { "type": ["object", "null"], "properties": { "oversized_image": { "enum": ["downsize", "error"] } } },
                "cache_control": { "$ref": "#/components/schemas/CacheControl" }
              }
            },
            "Document": {
              "type": "object",
              "required": ["type", "source"],
              "properties": {
                "type": { "const": "document" },
                "source": { "oneOf": [
                  { "$ref": "#/components/schemas/Base64Pdf" },
                  { "$ref": "#/components/schemas/PlainText" },
                  { "$ref": "#/components/schemas/ContentSource" },
                  { "$ref": "#/components/schemas/Url" },
                  { "$ref": "#/components/schemas/File" }
                ] },
                "title": { "type": ["string", "null"] },
                "context": { "type": ["string", "null"] },
                "citations": { "$ref": "#/components/schemas/Citations" },
                "cache_control": { "$ref": "#/components/schemas/CacheControl" }
              }
            },
            "SearchResult": {
              "type": "object",
              "required": ["type", "source", "title", "content"],
              "properties": {
                "type": { "const": "search_result" },
                "source": { "type": "string" },
                "title": { "type": "string" },
                "content": { "type": "array", "items": { "$ref": "#/components/schemas/Text" } },
                "citations": { "$ref": "#/components/schemas/Citations" },
                "cache_control": { "$ref": "#/components/schemas/CacheControl" }
              }
            },
            "ThinkingBlock": {
              "type": "object",
              "required": ["type", "thinking", "signature"],
              "properties": { "type": { "const": "thinking" }, "thinking": { "type": "string" }, "signature": { "type": "string" } }
            },
            "RedactedThinking": {
              "type": "object",
              "required": ["type", "data"],
              "properties": { "type": { "const": "redacted_thinking" }, "data": { "type": "string" } }
            },
            "CallId": { "type": "string", "pattern": "^[a-zA-Z0-9_-]+$" },
            "Caller": {
              "type": "object",
              "required": ["type"],
              "properties": { "type": { "enum": ["direct", "code_execution_20250825", "code_execution_20260120"] }, "tool_id": { "type": "string" } }
            },
            "ToolUse": {
              "type": "object",
              "required": ["type", "id", "name", "input"],
              "properties": {
                "type": { "const": "tool_use" },
                "id": { "$ref": "#/components/schemas/CallId" },
                "name": { "type": "string", "minLength": 1 },
                "input": { "type": "object" },
                "caller": { "$ref": "#/components/schemas/Caller" },
                "toolset_name": { "type": ["string", "null"] },
                "cache_control": { "$ref": "#/components/schemas/CacheControl" }
              }
            },
            "ToolResult": {
              "type": "object",
              "required": ["type", "tool_use_id"],
              "properties": {
                "type": { "const": "tool_result" },
                "tool_use_id": { "$ref": "#/components/schemas/CallId" },
                "content": { "oneOf": [{ "type": "string" }, { "type": "array", "items": { "oneOf": [
                  { "$ref": "#/components/schemas/Text" },
                  { "$ref": "#/components/schemas/Image" },
                  { "$ref": "#/components/schemas/Document" },
                  { "$ref": "#/components/schemas/SearchResult" },
                  { "$ref": "#/components/schemas/ToolReference" }
                ] } }] },
                "is_error": { "type": "boolean" },
                "toolset_name": { "type": ["string", "null"] },
                "cache_control": { "$ref": "#/components/schemas/CacheControl" }
              }
            },
            "ToolReference": {
              "type": "object",
              "required": ["type", "tool_name"],
              "properties": { "type": { "const": "tool_reference" }, "tool_name": { "type": "string" }, "cache_control": { "$ref": "#/components/schemas/CacheControl" } }
            },
            "ServerToolUse": {
              "type": "object",
              "required": ["type", "id", "name", "input"],
              "properties": {
                "type": { "const": "server_tool_use" },
                "id": { "$ref": "#/components/schemas/CallId" },
                "name": { "enum": ["web_search", "web_fetch", "code_execution", "bash_code_execution", "text_editor_code_execution", "tool_search_tool_regex", "tool_search_tool_bm25"] },
                "input": { "type": "object" },
                "caller": { "$ref": "#/components/schemas/Caller" },
                "cache_control": { "$ref": "#/components/schemas/CacheControl" }
              }
            },
            "ServerToolResult": {
              "type": "object",
              "required": ["type", "tool_use_id", "content"],
              "properties": {
                "type": { "enum": ["web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result", "bash_code_execution_tool_result", "text_editor_code_execution_tool_result", "tool_search_tool_result"] },
                "tool_use_id": { "$ref": "#/components/schemas/CallId" },
                "content": { "type": ["object", "array"] },
                "caller": { "$ref": "#/components/schemas/Caller" },
                "cache_control": { "$ref": "#/components/schemas/CacheControl" }
              }
            },
            "ContainerUpload": {
              "type": "object",
              "required": ["type", "file_id"],
              "properties": { "type": { "const": "container_upload" }, "file_id": { "type": "string" }, "cache_control": { "$ref": "#/components/schemas/CacheControl" } }
            },
            "Tool": {
              "type": "object",
              "required": ["name", "input_schema"],
              "properties": {
                "type": { "enum": ["custom", null] },
                "name": { "type": "string", "pattern": "^[a-zA-Z0-9_-]{1,128}$" },
                "description": { "type": "string" },
                "input_schema": { "type": "object", "required": ["type"], "properties": { "type": { "const": "object" } }, "additionalProperties": true },
                "strict": { "type": "boolean" },
                "allowed_callers": { "type": "array", "items": { "type": "string" } },
                "defer_loading": { "type": "boolean" },
                "eager_input_streaming": { "type": ["boolean", "null"] },
                "input_examples": { "type": "array", "items": { "type": "object" } },
                "cache_control": { "$ref": "#/components/schemas/CacheControl" }
              }
            },
            "ServerTool": {
              "type": "object",
              "required": ["type"],
              "properties": {
                "type": { "type": "string", "pattern": "^((bash|code_execution|text_editor|memory|web_search|web_fetch|computer_toolset|browser_toolset)_20[0-9]{6}|tool_search_tool_(bm25|regex)(_20[0-9]{6})?)$" },
                "name": { "enum": ["bash", "code_execution", "str_replace_editor", "str_replace_based_edit_tool", "memory", "web_search", "web_fetch", "tool_search_tool_bm25", "tool_search_tool_regex"] },
                "strict": { "type": "boolean" },
                "allowed_callers": { "type": "array", "items": { "type": "string" } },
                "allowed_domains": { "type": ["array", "null"], "items": { "type": "string" } },
                "blocked_domains": { "type": ["array", "null"], "items": { "type": "string" } },
                "citations": { "$ref": "#/components/schemas/Citations" },
                "configs": { "type": ["object", "null"] },
                "defer_loading": { "type": "boolean" },
                "input_examples": { "type": "array", "items": { "type": "object" } },
                "max_characters": { "type": ["integer", "null"] },
                "max_content_tokens": { "type": ["integer", "null"] },
                "max_uses": { "type": ["integer", "null"] },
                "response_inclusion": { "enum": ["full", "excluded"] },
                "use_cache": { "type": "boolean" },
                "user_location": {
                  "type": ["object", "null"],
                  "required": ["type"],
                  "properties": {
                    "type": { "const": "approximate" },
                    "city": { "type": ["string", "null"] },
                    "country": { "type": ["string", "null"] },
                    "region": { "type": ["string", "null"] },
                    "timezone": { "type": ["string", "null"] }
                  }
                },
                "cache_control": { "$ref": "#/components/schemas/CacheControl" }
              }
            },
            "ToolChoice": { "oneOf": [
              {
                "type": "object",
                "required": ["type"],
                "properties": { "type": { "enum": ["auto", "any"] }, "disable_parallel_tool_use": { "type": "boolean" } }
              },
              {
                "type": "object",
                "required": ["type", "name"],
                "properties": { "type": { "const": "tool" }, "name": { "type": "string" }, "disable_parallel_tool_use": { "type": "boolean" } }
              },
              { "type": "object", "required": ["type"], "properties": { "type": { "const": "none" } } }
            ] },
            "Thinking": { "oneOf": [
              {
                "type": "object",
                "required": ["type", "budget_tokens"],
                "properties": { "type": { "const": "enabled" }, "budget_tokens": { "type": "integer", "minimum": 1024 }, "display": { "enum": ["summarized", "omitted", null] } }
              },
              { "type": "object", "required": ["type"], "properties": { "type": { "const": "adaptive" }, "display": { "enum": ["summarized", "omitted", null] } } },
              { "type": "object", "required": ["type"], "properties": { "type": { "const": "disabled" } } }
            ] }
          } }
        }
        """;
}
