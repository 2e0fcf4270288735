import './playback/playback.css'
import { mount } from './playback/player'

for (const place of document.querySelectorAll<HTMLElement>('[data-playback-url]')) void mount(place)
