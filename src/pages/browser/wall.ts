import '../styles/wall.css';
