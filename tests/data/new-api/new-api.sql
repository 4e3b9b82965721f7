-- The tables that GORM makes of model/user.go, token.go, channel.go and option.go of QuantumNous/new-api, 2026-11.
CREATE TABLE users (
    id integer PRIMARY KEY AUTOINCREMENT, username text UNIQUE, password text NOT NULL, display_name text,
    role integer DEFAULT 1, status integer DEFAULT 1, email text, github_id text, discord_id text, oidc_id text,
    wechat_id text, telegram_id text, access_token char(32), quota integer DEFAULT 0, used_quota integer DEFAULT 0,
    request_count integer DEFAULT 0, "group" varchar(64) DEFAULT 'default', aff_code varchar(32),
    aff_count integer DEFAULT 0, aff_quota integer DEFAULT 0, aff_history integer DEFAULT 0, inviter_id integer,
    deleted_at datetime, linux_do_id text, setting text, remark varchar(255), stripe_customer varchar(64),
    created_at integer, last_login_at integer DEFAULT 0
);
CREATE TABLE tokens (
    id integer PRIMARY KEY AUTOINCREMENT, user_id integer, "key" varchar(128) UNIQUE, status integer DEFAULT 1,
    name text, created_time bigint, accessed_time bigint, expired_time bigint DEFAULT -1,
    remain_quota integer DEFAULT 0, unlimited_quota numeric, model_limits_enabled numeric, model_limits text,
    allow_ips text DEFAULT '', used_quota integer DEFAULT 0, "group" text DEFAULT '', cross_group_retry numeric,
    deleted_at datetime
);
CREATE TABLE channels (
    id integer PRIMARY KEY AUTOINCREMENT, type integer DEFAULT 0, "key" text NOT NULL, open_ai_organization text,
    openai_organization text, test_model text, status integer DEFAULT 1, name text, weight integer DEFAULT 0,
    created_time bigint, test_time bigint, response_time integer, base_url text DEFAULT '', other text, balance real,
    balance_updated_time bigint, models text, "group" varchar(64) DEFAULT 'default', used_quota bigint DEFAULT 0,
    model_mapping text, status_code_mapping varchar(1024) DEFAULT '', priority bigint DEFAULT 0,
    auto_ban integer DEFAULT 1, other_info text, tag text, setting text, param_override text, header_override text,
    remark varchar(255), channel_info json, settings text
);
CREATE TABLE options ("key" text PRIMARY KEY, value text);

INSERT INTO users (id, username, password, role, status, quota, used_quota, "group", access_token, deleted_at) VALUES
    (1, 'root', 'x', 100, 1, 100000000, 5, 'default', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL),
    (2, 'mira', 'x', 1, 1, 7500000, 25, 'vip users', NULL, NULL),
    (3, 'noor', 'x', 1, 2, 10, 0, 'default', NULL, NULL),
    (4, 'gone', 'x', 1, 1, 10, 0, 'default', NULL, '2026-01-01'),
    (5, 'admin', 'x', 1, 1, -40, 0, 'default', NULL, NULL);
INSERT INTO tokens (
    id, user_id, "key", status, name, expired_time, remain_quota, unlimited_quota, model_limits_enabled, model_limits,
    allow_ips, "group"
) VALUES
    (1, 1, 'RootKey0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 'main', -1, 0, 1, 0, '', NULL, ''),
    (2, 2, 'MiraKey0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 'phone', 4102444800, 500000, 0, 1, 'gpt-4o,o3',
     '127.0.0.1' || char(10) || '10.0.0.0/8', 'vip users'),
    (3, 2, 'MiraKey1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 2, 'off', -1, 0, 1, 0, '', '', ''),
    (4, 2, 'MiraKey2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 'old', 1000, 0, 1, 0, '', '', ''),
    (5, 3, 'NoorKey0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 'noor', -1, 0, 1, 0, '', '', ''),
    (6, 5, 'UsedKey0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 4, 'used up', -1, 0, 0, 0, '', '', 'auto'),
    (7, 4, 'GoneKey0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 'gone', -1, 0, 1, 0, '', '', '');
INSERT INTO channels (
    id, type, "key", status, name, weight, base_url, other, models, "group", model_mapping, priority, setting,
    param_override, header_override, channel_info, openai_organization, status_code_mapping
) VALUES
    (1, 1, 'sk-upstream-one-000001' || char(10) || 'sk-upstream-two-000002' || char(10) || 'sk-upstream-off-000003', 1,
     'main', 0, '${upstream}', '', 'gpt-4o,gpt-4o-mini,fast', 'default,vip users',
     '{"fast": "gpt-4o-mini", "unserved": "x"}', 7, '{"force_format": false, "proxy": ""}', '{"temperature": 0.2}',
     '{"X-Title": "house"}', '{"is_multi_key": true, "multi_key_status_list": {"2": 2}}', 'org-1', ''),
    (2, 14, 'sk-ant-000000000000001', 2, 'main', 5, '', '', 'claude-sonnet-4-5', 'default', NULL, 0,
     '{"proxy": "socks5://10.0.0.1:1080"}', '{"operations": []}', NULL, NULL, NULL, '{"400": "500"}'),
    (3, 3, 'azure-key-000000000001', 1, 'azure', 1, 'https://house.openai.azure.com', '2025-01-01', 'gpt-4o', 'default',
     '', 0, '', NULL, NULL, NULL, NULL, ''),
    (4, 41, '[{"project_id": "p-1", "client_email": "a@b.c", "private_key": "k", "token_uri": "https://t.example"}]', 1,
     'vertex', 1, '', '{"default": "europe-west1"}', 'gemini-2.5-pro', 'default', '', 0, '', NULL, NULL, NULL, NULL, ''),
    (5, 50, 'kling', 1, 'kling', 1, '', '', 'kling-v1', 'default', '', 0, '', NULL, NULL, NULL, NULL, ''),
    (6, 8, 'sk-custom-000000000001', 1, 'nowhere', 1, '', '', 'm-1', 'default', '', 0, '', NULL, NULL, NULL, NULL, '');
INSERT INTO options VALUES
    ('ModelRatio', '{"gpt-4o": 1.25, "house-1": 2.5}'),
    ('CompletionRatio', '{"gpt-4o": 4}'),
    ('ModelPrice', '{"mj_imagine": 0.1}'),
    ('GroupRatio', '{"default": 1, "vip users": 0.5}'),
    ('SystemName', 'House'),
    ('SMTPToken', 'secret-of-mail');
