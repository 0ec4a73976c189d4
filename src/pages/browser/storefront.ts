import '../styles/storefront.css';
