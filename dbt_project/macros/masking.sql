{#
What hides people in free text. Patterns name characters by their numbers: what a letter is differs between servers'
locales. Marks of private use (U+E000 on) stand for what was masked until the text is whole again.
#}

{# Between words, inside a bracket expression: blanks, signs, digits of any script. All else makes words. #}
{% macro between_words() -%}
\u0001-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u060c\u061b\u061f
{{- any_digit() -}}
\u066a-\u066d\u06d4\u0964\u0965\u09f2-\u09fb\u2000-\u200b\u200e-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u303f\ue000-\uf8ff
{%- endmacro %}

{# Digits, inside a bracket expression: of Europe, Arabia, Persia, India from Hindi to Malayalam, and further east. #}
{% macro any_digit() -%}
\u0030-\u0039\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-\u0aef\u0b66-\u0b6f\u0be6-\u0bef
{{- "\\u0c66-\\u0c6f\\u0ce6-\\u0cef\\u0d66-\\u0d6f\\u0e50-\\u0e59\\u1040-\\u1049\\u17e0-\\u17e9" -}}
{%- endmacro %}

{# By what two spellings of a word are the same: neither capitals, accents nor joiners matter. #}
{% macro word_key(expression) -%}
    lower(regexp_replace(normalize({{ expression }}, nfkd), '[\u0300-\u036f\u200c\u200d]', '', 'g'))
{%- endmacro %}

{# Without markup, invisible signs and marks of ours; blanks folded. What a tag cuts apart may be one word. #}
{% macro plain_text(expression) -%}
    {%- set steps = [
        ("[\\u00ad\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u2064\\ue000-\\uf8ff\\ufeff]", ""),
        ("&(nbsp|#160);", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&(#39|apos|#8217|rsquo);", "''"),
        ("&(quot|#34);", '"'),
        ("&amp;", "&"),
        ("&#?[a-z0-9]+;", ""),
        ("</?(a|b|em|font|i|mark|s|small|span|strong|sub|sup|u)(\\s[^>]*)?(>|$)", ""),
        ("</?[a-z!][^>]*(>|$)", " "),
        ("[<>]", " "),
        ("\\s+", " "),
    ] -%}
    {{ replaced("normalize(" ~ expression ~ ", nfkc)", steps) }}
{%- endmacro %}

{# Links, addresses, accounts, and four digits or more with signs between them. #}
{% macro without_contact_data(expression) -%}
    {%- set digit = "[" ~ any_digit() ~ "]" -%}
    {%- set sign = "[\\u0020-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u007e\\u2010-\\u2015]{0,3}" -%}
    {%- set steps = [
        ("([a-z][a-z0-9+.-]*://|www\\.)\\S+", "\\ue003"),
        ("\\S+(@|\\s@\\s|\\s?[([{]\\s?at\\s?[])}]\\s?)\\S+", "\\ue002"),
        ("@\\s?\\S+", "\\ue004"),
        ("\\S+\\.[a-z]{2,}/\\S*", "\\ue003"),
        ("\\S+\\.(com|net|org|info|biz|io|co|me|app|shop|online|bd|in|de|uk|eu|us|ly|gl)\\y", "\\ue003"),
        ("[+(]?" ~ digit ~ "(" ~ sign ~ digit ~ "){3,}", "\\ue001"),
    ] -%}
    {{ replaced(expression, steps) }}
{%- endmacro %}

{# What readers find in place of the marks. Parts of a name that follow each other are one. #}
{% macro marks_in_words(expression) -%}
    {%- set steps = [
        ("\\ue000([\\s.'-]*\\ue000)+" | replace("'", "''"), "\\ue000"),
        ("\\ue000", "[name]"),
        ("\\ue001", "[number]"),
        ("\\ue002", "[e-mail]"),
        ("\\ue003", "[link]"),
        ("\\ue004", "[account]"),
    ] -%}
    {{ replaced(expression, steps) }}
{%- endmacro %}

{# One replacement after the other, whatever the capitals. In a replacement \uXXXX is one character. #}
{% macro replaced(expression, steps) -%}
    {%- set text = namespace(sql=expression) -%}
    {%- for pattern, by in steps -%}
        {%- set literal = "U&'" ~ by ~ "'" if by.startswith("\\u") else "'" ~ by ~ "'" -%}
        {%- set literal = literal | replace("\\u", "\\") -%}
        {%- set text.sql = "regexp_replace(" ~ text.sql ~ ", '" ~ pattern ~ "', " ~ literal ~ ", 'gi')" -%}
    {%- endfor -%}
    {{ text.sql }}
{%- endmacro %}
