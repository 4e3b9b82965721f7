-- The tables that GORM makes of model/user.go, token.go, channel.go and option.go of songquanpeng/one-api, 2026-11.
CREATE TABLE users (
    id integer PRIMARY KEY AUTOINCREMENT, username text UNIQUE, password text NOT NULL, display_name text,
    role integer DEFAULT 1, status integer DEFAULT 1, email text, github_id text, wechat_id text, lark_id text,
    oidc_id text, access_token char(32), quota bigint DEFAULT 0, used_quota bigint DEFAULT 0,
    request_count integer DEFAULT 0, "group" varchar(32) DEFAULT 'default', aff_code varchar(32), inviter_id integer
);
CREATE TABLE tokens (
    id integer PRIMARY KEY AUTOINCREMENT, user_id integer, "key" char(48) UNIQUE, status integer DEFAULT 1, name text,
    created_time bigint, accessed_time bigint, expired_time bigint DEFAULT -1, remain_quota bigint DEFAULT 0,
    unlimited_quota numeric DEFAULT false, used_quota bigint DEFAULT 0, models text, subnet text DEFAULT ''
);
CREATE TABLE channels (
    id integer PRIMARY KEY AUTOINCREMENT, type integer DEFAULT 0, "key" text, status integer DEFAULT 1, name text,
    weight integer DEFAULT 0, created_time bigint, test_time bigint, response_time integer, base_url text DEFAULT '',
    other text, balance real, balance_updated_time bigint, models text, "group" varchar(32) DEFAULT 'default',
    used_quota bigint DEFAULT 0, model_mapping varchar(1024) DEFAULT '', priority bigint DEFAULT 0, config text,
    system_prompt text
);
CREATE TABLE options ("key" text PRIMARY KEY, value text);

INSERT INTO users (id, username, password, role, status, quota) VALUES
    (1, 'root', 'x', 100, 1, 500), (2, 'gone', 'x', 1, 3, 9);
INSERT INTO tokens (id, user_id, "key", name, remain_quota, unlimited_quota, models, subnet) VALUES
    (1, 1, 'OneKey00aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'main', 300, 0, 'gpt-4o', '10.0.0.0/8,192.168.0.0/16');
INSERT INTO channels (id, type, "key", name, models, base_url, config, system_prompt) VALUES
    (1, 3, 'azure-key-000000000001', 'azure', 'gpt-4o', 'https://house.openai.azure.com', '{"api_version": "2025-01-01"}', ''),
    (2, 29, 'gsk-000000000000000001', 'groq', 'llama-3.3-70b', '', '', 'be brief'),
    (3, 40, 'ark-000000000000000001', 'doubao', 'doubao-pro', '', '', '');
INSERT INTO options VALUES ('ModelRatio', '{"gpt-4o": 2}');
