// The common shortcodes; an unknown one stays as it was typed.

const TABLE = `white_check_mark ✅|heavy_check_mark ✔️|x ❌|warning ⚠️|package 📦|truck 🚚|articulated_lorry 🚛|inbox_tray 📥
outbox_tray 📤|hourglass ⌛|hourglass_flowing_sand ⏳|no_entry ⛔|no_entry_sign 🚫|arrows_counterclockwise 🔄|repeat 🔁|mag 🔍
mag_right 🔎|lock 🔒|unlock 🔓|key 🔑|closed_lock_with_key 🔐|link 🔗|bell 🔔|no_bell 🔕|eyes 👀|wave 👋|tada 🎉|rocket 🚀
hammer_and_wrench 🛠️|wrench 🔧|gear ⚙️|memo 📝|pencil ✏️|pencil2 ✏️|calendar 📅|date 📅|clock1 🕐|alarm_clock ⏰|stopwatch ⏱️
moneybag 💰|dollar 💵|euro 💶|credit_card 💳|shopping_cart 🛒|shopping_trolley 🛒|house 🏠|office 🏢|factory 🏭|ship 🚢
airplane ✈️|world_map 🗺️|round_pushpin 📍|pushpin 📌|bar_chart 📊|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉
large_green_circle 🟢|large_yellow_circle 🟡|large_orange_circle 🟠|red_circle 🔴|large_blue_circle 🔵|large_purple_circle 🟣
black_circle ⚫|white_circle ⚪|large_brown_circle 🟤|question ❓|grey_question ❔|exclamation ❗|information_source ℹ️|bulb 💡
thumbsup 👍|+1 👍|thumbsdown 👎|-1 👎|raised_hands 🙌|pray 🙏|clap 👏|ok_hand 👌|heart ❤️|smile 😄|slightly_smiling_face 🙂
wink 😉|thinking_face 🤔|fire 🔥|star ⭐|sparkles ✨|zap ⚡|boom 💥|bug 🐛|robot_face 🤖|envelope ✉️|email 📧|phone ☎️
telephone_receiver 📞|hash #️⃣|arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|leftwards_arrow_with_hook ↩️
arrow_right_hook ↪️|page_facing_up 📄|clipboard 📋|file_folder 📁|wastebasket 🗑️|label 🏷️|ticket 🎫|globe_with_meridians 🌐
checkered_flag 🏁|construction 🚧|rotating_light 🚨|octagonal_sign 🛑|double_vertical_bar ⏸️|arrow_forward ▶️|black_square_for_stop ⏹️
fast_forward ⏩|heavy_plus_sign ➕|heavy_minus_sign ➖|speech_balloon 💬|bust_in_silhouette 👤|busts_in_silhouette 👥|gift 🎁`;

const EMOJI = new Map(TABLE.split(/[|\n]/).map((pair) => pair.split(" ")));

/** The character of a shortcode, or undefined. */
export const emoji = (name) => EMOJI.get(name);

/** Plain text with its known shortcodes replaced. */
export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI.get(name) ?? whole);
